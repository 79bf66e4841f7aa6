"""Pictures from a camera, where the optional extra is installed."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QElapsedTimer, QObject, Signal, Slot

from workbench.engine.core.extras import is_installed, needs_extra

#: Said where the extra is missing.
MISSING: Final = needs_extra("The camera", "camera", "PySide6-Addons")
#: Interval between two predictions, in milliseconds.
EVERY_MS: Final = 200


def is_available() -> bool:
    """Whether the extra is installed."""
    return is_installed(["PySide6.QtMultimedia"])


class Camera(QObject):
    """The first camera of this computer. ``framed`` gives a QImage, a few in a second."""

    framed = Signal(object)
    failed = Signal(str)  #: why there are no pictures

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._camera: Any = None
        self._session: Any = None
        self._sink: Any = None
        self._since = QElapsedTimer()

    @property
    def is_on(self) -> bool:
        """Whether it gives pictures."""
        return self._camera is not None

    def start(self) -> None:
        """Switch it on."""
        if not is_available():
            self.failed.emit(MISSING)
            return
        try:
            from PySide6 import QtMultimedia
        except ImportError as error:  # a library of the system that it needs
            self.failed.emit(f"The camera cannot be used: {error}. Install the package of the system that has it.")
            return
        device = QtMultimedia.QMediaDevices.defaultVideoInput()
        if device.isNull():
            self.failed.emit("No camera was found on this computer.")
            return
        self._camera = QtMultimedia.QCamera(device, self)
        self._session = QtMultimedia.QMediaCaptureSession(self)
        self._sink = QtMultimedia.QVideoSink(self)
        self._session.setCamera(self._camera)
        self._session.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._on_frame)
        self._camera.errorOccurred.connect(self._on_error)
        self._camera.start()

    @Slot()
    def stop(self) -> None:
        """Switch it off."""
        if self._camera is not None:
            self._camera.stop()
            for each in (self._session, self._sink, self._camera):
                each.deleteLater()
        self._camera = self._session = self._sink = None

    @Slot(object)
    def _on_frame(self, frame: Any) -> None:
        if not self._since.isValid() or self._since.elapsed() >= EVERY_MS:
            self._since.start()
            image = frame.toImage()
            if not image.isNull():
                self.framed.emit(image)

    def _on_error(self, _error: Any, words: str) -> None:
        self.stop()
        self.failed.emit(f"The camera gives no pictures: {words or 'unknown error'}.")
