"""HTML mail in QWebEngineView, behind walls that leave it no network at all."""


def prepare_web_engine() -> None:
    """Call once before QApplication exists: sets Chromium's flags and shared GL contexts. Costs nothing yet: the
    engine itself is loaded with the first HTML mail."""
    raise NotImplementedError
