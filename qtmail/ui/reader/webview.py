"""The body view over Qt WebEngine. Imported only by `web.web_body_class`, when the first HTML mail is shown."""

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWebEngineCore import (
    QWebEngineFindTextResult,
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import delete

from qtmail.ui.reader import webscript
from qtmail.ui.reader.content import Body, Content
from qtmail.ui.theme import Space

log = logging.getLogger(__name__)

_SCROLL_BAR = Space.M + Space.XS
_FIT_MS = 30
_SETTLE_MS = 50
_SWEEP_MS = 1500
_OUR_WORLD = QWebEngineScript.ScriptWorldId.ApplicationWorld.value

_SCHEMES = (b"mail-body", b"cid", b"mail-remote")
_OWN = frozenset({"mail-body", "cid", "mail-remote", "data"})
_POLICY = (
    b"default-src 'none'; img-src mail-body: mail-remote: data:; style-src 'unsafe-inline'; "
    b"form-action 'none'; base-uri 'none'; frame-src 'none'; script-src 'none'"
)
_ON = (QWebEngineSettings.WebAttribute.AutoLoadImages,)
_OFF = tuple(
    getattr(QWebEngineSettings.WebAttribute, name)
    for name in (
        *("JavascriptEnabled", "JavascriptCanOpenWindows", "JavascriptCanAccessClipboard", "LocalStorageEnabled"),
        *("LocalContentCanAccessRemoteUrls", "LocalContentCanAccessFileUrls", "HyperlinkAuditingEnabled"),
        *("PluginsEnabled", "PdfViewerEnabled", "FullScreenSupportEnabled", "ScreenCaptureEnabled", "WebGLEnabled"),
        *("Accelerated2dCanvasEnabled", "AutoLoadIconsForPage", "TouchIconsEnabled", "ErrorPageEnabled"),
        *("DnsPrefetchEnabled", "NavigateOnDropEnabled", "AllowRunningInsecureContent", "FocusOnNavigationEnabled"),
    )
)


def _register_schemes() -> None:
    """Once, before any WebEngine object exists: when this module is imported."""
    for name in _SCHEMES:
        scheme = QWebEngineUrlScheme(name)
        scheme.setSyntax(QWebEngineUrlScheme.Syntax.Path)
        scheme.setFlags(QWebEngineUrlScheme.Flag.SecureScheme)
        QWebEngineUrlScheme.registerScheme(scheme)


_register_schemes()


class Interceptor(QWebEngineUrlRequestInterceptor):
    """Lets nothing pass but our own schemes; `blocked` counts for the tests and the log."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.blocked = 0

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        if info.requestUrl().scheme() not in _OWN:
            self.blocked += 1
            info.block(True)


class Server(QWebEngineUrlSchemeHandler):
    """Answers our schemes from memory: documents by number, pictures by URL."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.documents: dict[str, str] = {}
        self.content: Content | None = None

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        url = job.requestUrl().toString(QUrl.ComponentFormattingOption.FullyEncoded)
        document = self.documents.get(url)
        picture = self.content.pictures.get(url) if self.content else None
        if document is not None:
            job.setAdditionalResponseHeaders({QByteArray(b"Content-Security-Policy"): [QByteArray(_POLICY)]})  # type: ignore[dict-item]
            _reply(job, b"text/html;charset=utf-8", document.encode("utf-8", "replace"))
        elif picture is not None:
            _reply(job, picture.type.encode("ascii", "replace"), picture.data)
        else:
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)


def _reply(job: QWebEngineUrlRequestJob, type_: bytes, data: bytes) -> None:
    buffer = QBuffer(job)
    buffer.setData(data)
    job.reply(QByteArray(type_), buffer)


class MailPage(QWebEnginePage):
    """Shows what it is given and goes nowhere; tells whoever listens where a click wanted to go."""

    def __init__(self, profile: QWebEngineProfile, parent: QObject, follow: Callable[[str], None]) -> None:
        super().__init__(profile, parent)
        self._follow = follow
        self.own = ""
        """The one URL that may be loaded."""
        for attribute in _ON:
            self.settings().setAttribute(attribute, True)
        for attribute in _OFF:
            self.settings().setAttribute(attribute, False)
        # Most mails name fonts that only other systems have, and mean one without serifs.
        self.settings().setFontFamily(QWebEngineSettings.FontFamily.StandardFont, QApplication.font().family())
        self.newWindowRequested.connect(self._window_wanted)

    def go(self, url: str) -> None:
        self.own = url
        self.load(QUrl(url))

    def _window_wanted(self, request: QWebEngineNewWindowRequest) -> None:
        self._follow(request.requestedUrl().toString())

    def acceptNavigationRequest(self, url: QUrl | str, type_: QWebEnginePage.NavigationType, isMainFrame: bool) -> bool:
        url = QUrl(url)
        plain = url.toString().partition("#")[0]
        if isMainFrame and plain == self.own:
            return True
        if type_ is QWebEnginePage.NavigationType.NavigationTypeLinkClicked:
            self._follow(url.toString())
        return False

    def javaScriptConsoleMessage(self, *_args: object) -> None:
        """A mail's mistakes are nobody's business."""


class MailView(QWebEngineView):
    """Without Chromium's own menu, and with no pages of its own."""

    def createWindow(self, _type: QWebEnginePage.WebWindowType) -> QWebEngineView | None:  # type: ignore[override]
        return None


class WebBody(Body):
    """One view that is kept; every mail is a new document in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._content: Content | None = None
        self._crashed = False
        self._ready = False
        """The document is there: it can be amended."""
        self._zoom = 1.0
        """As the reader wants it; what does not fit is shown smaller."""
        self._resized = False
        self.profile = QWebEngineProfile(self)
        self.profile.setHttpCacheType(QWebEngineProfile.HttpCacheType.NoCache)
        self.profile.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
        self.interceptor = Interceptor(self)
        self.profile.setUrlRequestInterceptor(self.interceptor)
        self.profile.downloadRequested.connect(lambda request: request.cancel())
        self.server = Server(self)
        for scheme in _SCHEMES:
            self.profile.installUrlSchemeHandler(scheme, self.server)
        self.view = MailView(self)
        self.page = MailPage(self.profile, self.view, self.link_clicked.emit)
        self.page.linkHovered.connect(self.link_hovered)
        self.page.loadFinished.connect(self._loaded)
        # The size is told some time after the load, and once more for the mail before: the last word counts.
        self._refit = QTimer(self, singleShot=True, interval=_FIT_MS)
        self._refit.timeout.connect(self._fit)
        self._sweep = QTimer(self, singleShot=True, interval=_SWEEP_MS)
        self._sweep.timeout.connect(lambda: self._run(webscript.SWEEP))
        self._settled = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settled.timeout.connect(self.scrolled)
        self.page.scrollPositionChanged.connect(lambda _where: self._settled.start())
        self.page.contentsSizeChanged.connect(lambda _size: self._refit.start())
        self.page.renderProcessTerminated.connect(self._renderer_died)
        self.view.setPage(self.page)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu_at)
        self.column.addWidget(self.view)
        self.setFocusProxy(self.view)

    def show_content(self, content: Content) -> None:
        self._crashed = False
        self._show(content)

    def _show(self, content: Content) -> None:
        self._ready = False
        self._content = content
        self.server.content = content
        self._go(content.document)

    def amend(self, content: Content, pieces: Mapping[str, str]) -> None:
        if not self._ready:
            self._show(content)
            return
        self._content = self.server.content = content
        # A renderer that is started again gets all of it.
        self.server.documents[self.page.own] = content.document
        self._run(webscript.amend(pieces))
        self._settled.start()

    def go_to(self, name: str) -> None:
        self._run(webscript.go_to(name))

    def in_sight(self, names: Sequence[str], tell: Callable[[tuple[str, ...]], None]) -> None:
        self._run(webscript.in_sight(names), lambda found: tell(tuple(str(found or "").split())))

    def _run(self, script: str, tell: Callable[[object], None] = lambda _answer: None) -> None:
        self.page.runJavaScript(f"(() => {{ {script} }})()", _OUR_WORLD, tell)

    def _go(self, document: str) -> None:
        self.server.documents.pop(self.page.own, None)
        self.page.go(self._publish(document))

    def _publish(self, document: str) -> str:
        """Give a document a URL of its own, so that nothing cached can stand for it."""
        url = f"mail-body:/message/{next(self._numbers)}"
        self.server.documents[url] = document
        return url

    def _loaded(self, ok: bool) -> None:
        if self._content is None:
            return
        if ok:
            self._ready = True
            self.view.setZoomFactor(self._zoom)
            self._run(webscript.FIT)
            if not self._sweep.isActive():
                self._sweep.start()
            self._refit.start()
            self.shown.emit(self._content)
        elif not self._crashed:
            self.failed.emit(self._content)

    def _fit(self) -> None:
        """Newsletters are made for a fixed width: one that is wider than the view is zoomed out, within reason."""
        if not self.isVisible() or self._content is None or self._content.fluid:
            return
        if self._resized and self.view.zoomFactor() < self._zoom:
            self.view.setZoomFactor(self._zoom)  # it may fit now
            self._refit.start()
            self._resized = False
            return
        self._resized = False
        size = self.page.contentsSize()
        room = self.view.width() - (_SCROLL_BAR if size.height() > self.view.height() else 0)
        if room > 0 and size.width() > max(room, self.view.width()):
            fitting = self.view.zoomFactor() * room / size.width()
            self.view.setZoomFactor(max(fitting, self._zoom * webscript.LEAST_FITTING))

    def _renderer_died(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        """Once it is started again; a mail that kills it twice goes to the simple view."""
        log.warning("the process that draws HTML mail ended (%s, %d)", status.name, code)
        content = self._content
        if content is None:
            return
        if self._crashed:
            self.failed.emit(content)
            return
        self._crashed = True
        QTimer.singleShot(0, self, lambda: self._show(content) if self._content is content else None)

    def set_ground(self, colour: QColor) -> None:
        """What is behind the mail before and below it."""
        self.page.setBackgroundColor(colour)

    def clear(self) -> None:
        self._content = None
        self._ready = False
        self.server.content = None
        self._go("<!doctype html><title></title>")

    def page_down(self) -> bool:
        seen = self.page.scrollPosition().y() + self.view.height()
        if seen >= self.page.contentsSize().height() - 1:
            return False
        target = self.view.focusProxy() or self.view
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier)
            QCoreApplication.sendEvent(target, event)
        return True

    def find_words(self, text: str, *, back: bool = False, found: Callable[[bool], None] = lambda _found: None) -> None:
        flags = QWebEnginePage.FindFlag.FindBackward if back else QWebEnginePage.FindFlag(0)

        def tell(result: QWebEngineFindTextResult) -> None:
            found(result.numberOfMatches() > 0)

        self.page.findText(text, flags, tell)

    def set_percent(self, percent: int) -> None:
        self._zoom = percent / 100
        self.view.setZoomFactor(self._zoom)

    def selected_text(self) -> str:
        return self.view.selectedText()

    def copy(self) -> None:
        self.view.triggerPageAction(QWebEnginePage.WebAction.Copy)

    def select_all(self) -> None:
        self.view.triggerPageAction(QWebEnginePage.WebAction.SelectAll)

    def print_document(self, document: str, printer: QPrinter, done: Callable[[bool], None]) -> None:
        view = MailView()
        page = MailPage(self.profile, view, lambda _url: None)
        view.setPage(page)
        url = self._publish(document)
        to_file = printer.outputFormat() is QPrinter.OutputFormat.PdfFormat

        def finish(ok: bool) -> None:
            self.server.documents.pop(url, None)
            view.deleteLater()
            done(ok)

        def loaded(ok: bool) -> None:
            if not ok:
                finish(False)
            elif to_file:
                page.printToPdf(printer.outputFileName(), printer.pageLayout())
            else:
                view.print(printer)

        page.loadFinished.connect(loaded)
        page.pdfPrintingFinished.connect(lambda _path, ok: finish(ok))
        view.printFinished.connect(finish)
        page.go(url)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._ready:
            self._run(webscript.FIT)
        self._resized = True
        if self.view.zoomFactor() < self._zoom:
            self._refit.start()

    def _menu_at(self, where: QPoint) -> None:
        request = self.view.lastContextMenuRequest()
        link = request.linkUrl().toString() if request else ""
        self.menu_wanted.emit(self.view.mapToGlobal(where), link)

    def shut(self) -> None:
        """Delete the page before the profile, as Qt demands."""
        self._content = None
        self._refit.stop()
        self._settled.stop()
        self._sweep.stop()
        self.view.setPage(None)  # type: ignore[arg-type]
        delete(self.page)
