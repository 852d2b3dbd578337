"""A bare QWebEngineView, given the newsletters as they are: how quickly anything could be on screen."""

import json
import time

from PySide6.QtWidgets import QApplication

from qtmail.ui.reader.web import prepare_web_engine
from tests.bench.newsletters import newsletter

prepare_web_engine()
application = QApplication([])
documents = [newsletter(number) for number in range(21)]
begin = time.perf_counter()
from PySide6.QtWebEngineWidgets import QWebEngineView  # noqa: E402

view = QWebEngineView()
view.resize(640, 700)
view.show()
loaded: list[bool] = []
view.loadFinished.connect(loaded.append)
times = []
for document in documents:
    loaded.clear()
    view.setHtml(document)
    while not loaded:
        application.processEvents()
    times.append((time.perf_counter() - begin) * 1000)
    begin = time.perf_counter()
later = sorted(times[1:])
print(json.dumps({"first": times[0], "next": later[int(len(later) * 0.95) - 1]}), flush=True)
