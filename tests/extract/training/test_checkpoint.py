"""States of a run on disk."""

import pytest
import torch

from voc.errors import VocError
from voc.extract.training.checkpoint import load_state, replace, save_state, slope, start_or_resume


def made():
    torch.manual_seed(1)
    network = torch.nn.Linear(3, 2)
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.1)
    return network, optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, slope(10, 0.2))


def step(network, optimiser, schedule):
    loss = network(torch.rand(4, 3)).pow(2).sum()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    schedule.step()


def test_a_run_goes_on_from_its_state_as_if_it_had_not_stopped(tmp_path):
    whole = made()
    for _ in range(3):
        step(*whole)
    save_state(tmp_path / "state.pt", *whole, epoch=3)
    for _ in range(3):
        step(*whole)
    again = made()
    torch.rand(50)
    assert load_state(tmp_path / "state.pt", *again) == {"epoch": 3}
    for _ in range(3):
        step(*again)
    assert torch.equal(whole[0].weight, again[0].weight)
    assert whole[2].get_last_lr() == again[2].get_last_lr()


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail(target):
        with open(target, "w") as file:
            file.write("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        replace(path, fail)
    assert path.read_text() == "old"


def test_the_learning_rate_rises_then_falls_to_nothing():
    rate = slope(100, 0.1)
    rates = [rate(step) for step in range(101)]
    assert rates[9] == 1.0 == max(rates)
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == 0.0


def test_a_new_run_forgets_the_old_one_and_a_resumed_one_keeps_it(tmp_path):
    start_or_resume(tmp_path, {"epochs": 1}, resume=False)
    (tmp_path / "state.pt").write_text("state")
    start_or_resume(tmp_path, {"epochs": 1}, resume=True)
    assert (tmp_path / "state.pt").exists()
    start_or_resume(tmp_path, {"epochs": 2}, resume=False)
    assert not (tmp_path / "state.pt").exists()


def test_a_run_is_not_gone_on_with_under_other_settings(tmp_path):
    start_or_resume(tmp_path, {"epochs": 1}, resume=False)
    with pytest.raises(VocError, match="begun with other settings; leave out --resume"):
        start_or_resume(tmp_path, {"epochs": 2}, resume=True)
