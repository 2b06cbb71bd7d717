"""Measuring commands, and the sample that both sides read."""

import json
import sys

import numpy as np
import pytest

from voc.benchmark.measure import choose, cores, machine, measure, write_sample
from voc.errors import VocError
from voc.evaluate import GoldLine, gold_reviews


def python(code):
    return [sys.executable, "-c", code]


def test_time_and_memory_are_the_commands_own():
    # This process holds numpy's memory; a child that does nothing must not be charged for it.
    ballast = np.ones(300 * 2**20, dtype=np.uint8)
    idle = measure(python("import time; time.sleep(0.5); print('done')"), threads=1)
    assert ballast.all()
    assert idle.stdout == "done\n"
    assert idle.seconds >= 0.5
    assert idle.peak_bytes < 100 * 2**20
    busy = measure(python("x = bytearray(200 * 2**20)"), threads=1)
    assert 200 * 2**20 <= busy.peak_bytes < 300 * 2**20


def test_both_sides_get_the_same_threads_and_no_network():
    done = measure(python("import os; print(os.environ['OMP_NUM_THREADS'], os.environ['HF_HUB_OFFLINE'])"), threads=3)
    assert done.stdout == "3 1\n"


def test_a_failing_command_is_one_sentence():
    with pytest.raises(VocError) as caught:
        measure([sys.executable, "-c", "raise SystemExit('no such thing')"], threads=1)
    assert str(caught.value).endswith("ended with status 1: no such thing")


def test_the_machine_is_named():
    named = machine()
    assert named["cores"] == cores() >= 1
    assert named["processor"]
    assert named["packages"].keys() >= {"torch", "spacy", "bertopic", "voc"}
    assert json.loads(json.dumps(named)) == named


def test_a_sample_is_the_same_each_time_and_spread():
    reviews = gold_reviews([GoldLine(str(i), f"text {i}") for i in range(200)])
    chosen = choose(reviews, 20)["review_id"].to_pylist()
    assert chosen == choose(reviews, 20)["review_id"].to_pylist()
    assert len(set(chosen)) == 20
    assert chosen == sorted(chosen, key=int)
    assert max(map(int, chosen)) > 100
    assert choose(reviews, 500).num_rows == 200


def test_the_sample_file_names_its_columns_for_voc_run(tmp_path):
    path = tmp_path / "sample.jsonl"
    options = write_sample(gold_reviews([GoldLine("0", "Zwei\u2028Zeilen 😀")]), path)
    assert options == ["--map", "review_id=review_id", "--map", "body=body"]
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    assert rows == [{"review_id": "0", "body": "Zwei\u2028Zeilen 😀", "analysed_text": "Zwei\u2028Zeilen 😀"}]


TREE = """
import subprocess, sys, time
held = bytearray(80 * 2**20)
child = "held = bytearray(120 * 2**20); import time; time.sleep(1.5)"
# A process between the two that ends at once: its child is still the command's doing.
between = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
subprocess.run([sys.executable, "-c", between])
time.sleep(1.2)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell of the largest process only")
def test_memory_of_all_processes_together_counts_those_whose_parent_has_ended():
    done = measure(python(TREE), threads=1)
    assert done.together_bytes >= 200 * 2**20
    assert done.peak_bytes < 200 * 2**20
    alone = measure(python("held = bytearray(80 * 2**20)"), threads=1)
    assert alone.together_bytes >= 80 * 2**20


def test_further_variables_reach_the_command():
    code = "import os; print(os.environ['VOC_TOLD'], os.environ['OMP_NUM_THREADS'])"
    assert measure(python(code), threads=2, variables={"VOC_TOLD": "yes"}).stdout == "yes 2\n"
