"""A mail in a shadow tree keeps its looks and reaches nothing around it."""

import pytest

from qtmail.mime.html import sanitise
from qtmail.mime.shadow import isolated


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("body{color:red}", ".mail{color:red}"),
        ("html body p,BODY.x{color:red}", ".mail p,.mail.x{color:red}"),
        ("html>body{color:red}", ".mail{color:red}"),
        (".body, #body, tbody td{color:red}", ".body, #body, tbody td{color:red}"),
        (":host{color:red}", ":not(*){color:red}"),
        (":host(.x) p,:root{color:red}", ":not(*)(.x) p,:not(*){color:red}"),
        ("@media (max-width:600px){body{color:red}}", "@media (max-width:600px){.mail{color:red}}"),
    ],
)
def test_selectors(rule: str, made: str) -> None:
    assert f"<style>.mail {{}}{made}</style>" in isolated(f"<style>{rule}</style><p>x</p>", ".mail {}")


def test_what_a_mail_closes_is_its_own() -> None:
    hostile = "</template></div></section><template shadowrootmode=open><p>x</p></template><b>y</b>"
    made = isolated(sanitise(hostile).html, "")
    assert made.count("template") == 2
    assert made.endswith("</div></template>")
