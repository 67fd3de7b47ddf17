"""Files as Canvas and Moodle lay them out, for the tests of collecting and giving back."""

import json
import zipfile

from classroom import NAME, RIGHT, TEXT, WRONG, released

from mfteach.grading.demo import answered

BOM = "\ufeff"
CANVAS_GRADEBOOK = BOM + (
    "Student,ID,SIS User ID,SIS Login ID,Section,The Power Rule (9001),Quiz 1 (9002),"
    "Assignments Current Score,Final Grade\n"
    ",,,,,Manual Posting,,,\n"
    "    Points Possible,,,,,10.00,5.00,(read only),(read only)\n"
    '"Hopper, Grace",101,S1,ghopper,A and B,,3,,\n'
    '"Lovelace, Ada",102,S2,alovelace,A,,3,,\n'
    '"O\'Neil, Séan",103,S3,soneil,A,,3,,\n'
    '"Turing, Alan",104,S4,aturing,A,7.50,3,,\n'
    '"Gauss, C.",106,S6,cgauss,A,EX,3,,\n'
    '"Absent, A.",109,S9,aabsent,A,,3,,\n'
    '"Student, Test",999,,5f3a,A,,,,\n'
)
MOODLE_WORKSHEET = BOM + (
    'Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
    '"Feedback comments"\n'
    '"Participant 12345","Grace Hopper",s1,g@example.org,"Submitted for grading - ",,10.00,Yes,'
    '"Monday, 1 February 2027, 5:58 PM",-,\n'
    '"Participant 12346","Ada Lovelace",s2,a@example.org,"Submitted for grading - 1 day late",,'
    '10.00,Yes,"Wednesday, 3 February 2027, 10:00 AM",-,\n'
    '"Participant 12347","Alan Turing",s3,t@example.org,"Submitted for grading - ",,10.00,No,'
    '"Monday, 1 February 2027, 5:58 PM",-,\n'
    '"Participant 12348","Anna Absent",s4,n@example.org,"No submission - ",,10.00,Yes,-,-,\n'
)
UNMARKED = {**RIGHT, "q7": TEXT}
WITHOUT_TEXT = {**RIGHT, "q7": ""}
WRONG_ONES = {**WRONG, "q7": ""}


def notebook(course, answers):
    """Return the bytes of a notebook with these answers."""
    return json.dumps(answered(released(course), answers)).encode()


def zipped(file, entries):
    """Write a zip and return it."""
    with zipfile.ZipFile(file, "w") as archive:
        for path, data in entries.items():
            archive.writestr(path, data)
    return file


def canvas(course, file):
    """Write what "Download Submissions" gives."""
    return zipped(
        file,
        {
            "hoppergrace_101_5001_03-power-rule.ipynb": notebook(course, WITHOUT_TEXT),
            "lovelaceada_LATE_102_5002_03-power-rule-1.ipynb": notebook(course, WRONG_ONES),
            "oneilséan_103_5003_my answers.pdf": b"%PDF-1.7",
            "turingalan_104_5004_03-power-rule.ipynb": notebook(course, UNMARKED),
        },
    )


def moodle(course, file, folder="_assignsubmission_file/"):
    """Write what "Download all submissions" gives; since 4.1, or with another end of the folder."""
    return zipped(
        file,
        {
            f"Grace Hopper_12345{folder}{NAME}.ipynb": notebook(course, WITHOUT_TEXT),
            f"Ada Lovelace_12346{folder}{NAME}.ipynb": notebook(course, WITHOUT_TEXT),
            f"Alan Turing_12347{folder}{NAME}.ipynb": notebook(course, WITHOUT_TEXT),
            "Alan Turing_12347_assignsubmission_onlinetext/onlinetext.html": b"<p>Done.</p>",
        },
    )
