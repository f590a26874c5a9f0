"""Environment variables for Ultralytics and NNCF, set before they are imported."""

import os
from pathlib import Path


def keep_offline(folder: Path) -> None:
    """Keeps both away from the network and the user's home folder, and from running code in checkpoints.

    From checkpoints, which are pickles, only known classes are loaded; nothing is looked up, downloaded or reported
    over the network; no package is installed; Ultralytics keeps its settings in `folder`.
    """
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "1"
    os.environ["YOLO_OFFLINE"] = "1"
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    os.environ["NNCF_CI"] = "1"
