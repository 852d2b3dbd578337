# Shared by packaging/try and tests/run: everything the program or its tests need, on a machine that has nothing.
#
# Sourced, not run; expects `set -euo pipefail` and to stand in the project's folder. Nothing outside it is changed but
# system packages, and those only where some are missing. A second time it takes well under a second.

VENV=.venv
TOOLS=build/tools

# Debian's names; where Ubuntu renamed one to ...t64, that one is taken.
PACKAGES_BASE="ca-certificates python3 python3-venv python3-pip libgl1 libegl1 libxkbcommon0 libglib2.0-0
    libfontconfig1 libdbus-1-3"
PACKAGES_WEB="libnss3 libnspr4 libasound2 libxcomposite1 libxdamage1 libxrandr2 libxtst6 libxfixes3 libxkbfile1 libgbm1
    libdrm2 libx11-6 libx11-xcb1 libxcb1 libxext6"
PACKAGES_WINDOW="libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0
    libxcb-xkb1 libxkbcommon-x11-0 libxcb-randr0 libxcb-xfixes0 libxcb-sync1 libxcb-shm0 libwayland-client0
    libwayland-cursor0 libwayland-egl1"
PACKAGES_FONTS="fonts-noto-core fonts-noto-color-emoji fonts-noto-cjk"
PACKAGES_TESTS="dovecot-imapd dovecot-pop3d dovecot-lmtpd postfix gnome-keyring dbus libglib2.0-bin xvfb xauth isync
    procps util-linux"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "This needs root once, and there is no sudo here. Please run as root: $*"
    fi
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_packages NAME...: install those that are missing; other systems than Debian's family bring their own.
need_packages() {
    if [ "$(uname -s)" = Darwin ]; then
        return 0
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say "This is not Debian or Ubuntu: if something is missing, look for your system's names of: $*"
        return 0
    fi
    local name missing=()
    for name in "$@"; do
        installed "$name" || installed "${name}t64" || missing+=("$name")
    done
    if [ ${#missing[@]} = 0 ]; then
        return 0
    fi
    say "Installing ${#missing[@]} system packages: ${missing[*]}"
    as_root apt-get update -qq
    local chosen=()
    for name in "${missing[@]}"; do
        if apt-cache show "${name}t64" >/dev/null 2>&1; then chosen+=("${name}t64"); else chosen+=("$name"); fi
    done
    quiet_install "${chosen[@]}"
}

# Installs without questions and, unless the machine says otherwise, without starting the servers among the packages.
quiet_install() {
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e "$policy" ]; then
        ours=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    if command -v debconf-set-selections >/dev/null; then
        echo "postfix postfix/main_mailer_type select No configuration" | as_root debconf-set-selections
    fi
    local result=0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" >"${TMPDIR:-/tmp}/qtmail-apt.$$" 2>&1 || result=$?
    if [ -n "$ours" ]; then as_root rm -f "$policy"; fi
    if [ "$result" != 0 ]; then
        tail -n 20 "${TMPDIR:-/tmp}/qtmail-apt.$$" >&2
        die "The system packages could not be installed; apt's last words are above."
    fi
    rm -f "${TMPDIR:-/tmp}/qtmail-apt.$$"
}

# Trust what the system trusts: company networks have roots of their own. (The second name is for newer versions of uv.)
export UV_NATIVE_TLS="${UV_NATIVE_TLS:-true}" UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"

# find_uv: sets UV to a uv that works, fetched from PyPI into build/tools where there is none.
find_uv() {
    if [ -x "$TOOLS/bin/uv" ]; then
        UV=$TOOLS/bin/uv
    elif command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
        UV=uv
    else
        command -v python3 >/dev/null || die "Python 3 is missing. Please install it (python.org), then start this again."
        say "Fetching uv from PyPI"
        python3 -m venv "$TOOLS"
        "$TOOLS/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.5"
        UV=$TOOLS/bin/uv
    fi
}

# need_python WHAT ARGS...: .venv as uv.lock says, with these `uv sync` arguments; skipped while nothing has changed.
need_python() {
    local stamp="$VENV/.qtmail-$1" state
    shift
    state="$(cksum uv.lock pyproject.toml | cut -d' ' -f1,2 | tr '\n' ' ') $PWD"
    if [ -x "$VENV/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then
        return 0
    fi
    find_uv
    say "Installing the Python packages of uv.lock into $VENV"
    "$UV" sync --frozen --quiet --inexact "$@" || sync_with_pip "$@" ||
        die "The Python packages could not be installed; the reason is above."
    printf '%s' "$state" >"$stamp"
}

# sync_with_pip ARGS...: the same versions through pip, which may know this network better (pip.conf, a mirror).
sync_with_pip() {
    say "uv could not fetch them; trying with pip"
    "$UV" export --frozen --quiet --offline --no-hashes --no-emit-project "$@" --output-file build/requirements.txt
    python3 -m venv --clear "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r build/requirements.txt hatchling editables
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

# Chromium, which shows HTML mail, refuses to start its sandbox for root.
allow_web_engine_as_root() {
    if [ "$(id -u)" = 0 ] && [ "$(uname -s)" != Darwin ]; then
        say "Running as root: the HTML viewer's own sandbox is off (as an ordinary user it is on)."
        export QTWEBENGINE_DISABLE_SANDBOX=1
    fi
}
