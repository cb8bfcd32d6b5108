"""A headless Chromium, spoken to through its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import websocket

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-address=127.0.0.1",
    "--remote-debugging-port=0",
)
_PATIENCE = 60.0


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[str]:
    """Run a browser with a fresh ``profile``; yields the address of its debugger."""
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port_file = profile / "DevToolsActivePort"
        deadline = time.monotonic() + _PATIENCE
        while not (port_file.exists() and "\n" in port_file.read_text()):
            assert process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < deadline, "Chromium did not start"
            time.sleep(0.1)
        yield f"127.0.0.1:{port_file.read_text().splitlines()[0]}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Tab:
    """One tab: what it is told, and what it complained of or asked the network for."""

    def __init__(self, debugger: str) -> None:
        request = Request(f"http://{debugger}/json/new?about:blank", method="PUT")
        with build_opener(ProxyHandler({})).open(request, timeout=_PATIENCE) as answer:
            url = json.load(answer)["webSocketDebuggerUrl"]
        self._socket = websocket.create_connection(
            url, timeout=_PATIENCE, suppress_origin=True, http_no_proxy=["127.0.0.1"]
        )
        self._n_sent = 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        self.call("Page.close")
        self._socket.close()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._n_sent += 1
        number = self._n_sent
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        method, params = message.get("method", ""), message.get("params", {})
        is_error = params.get("type") in ("error", "warning", "assert", "trace")
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif (
            method in ("Runtime.exceptionThrown", "Log.entryAdded", "Network.loadingFailed")
            or method == "Page.javascriptDialogOpening"
            or (method == "Runtime.consoleAPICalled" and is_error)
        ):
            self.complaints.append(json.dumps(message)[:1000])

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not self.run(expression):
            assert time.monotonic() < deadline, f"in vain: {expression}"
            time.sleep(0.1)

    def look(self, *, width: int, height: int, scheme: str = "light", media: str = "") -> None:
        """Set the size of the window, the colour scheme and the medium."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.call(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def open(self, page: Path) -> None:
        self.call("Page.navigate", url=page.as_uri())
        self.wait_for("document.readyState === 'complete'")

    def screenshot(self, path: Path) -> None:
        """The whole page as a PNG file; for a person to look at."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))
