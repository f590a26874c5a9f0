"""What Ultralytics and NNCF read when they are imported: called before either is."""

import os
from pathlib import Path


def keep_offline(folder: Path) -> None:
    """Keeps both from the network and from the user's home, and from loading what could run.

    Checkpoints are pickles, of which only known classes are loaded; nothing is looked up, fetched or reported over the
    network; no package is installed; Ultralytics keeps its settings in `folder`.
    """
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "1"
    os.environ["YOLO_OFFLINE"] = "1"
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    os.environ["NNCF_CI"] = "1"
