"""Who it is: galleries of known people, on disk and searched."""

from mtvision.recognition.face_recognizer import FaceRecognizer
from mtvision.recognition.gallery import Gallery
from mtvision.recognition.match import Match
from mtvision.recognition.one_shot_report import one_shot_report
