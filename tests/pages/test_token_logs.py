"""Logs of tokens as people have them: masks, placeholders, nulls, servers' answers, any names."""

import json

import numpy as np
import pytest

from pages.views.sample_estimates.token_file import read_tokens

PAIR = {"policy": [-0.5, -1.2], "reference": [-0.3, -0.5]}
LOGS = [
    "policy,reference,mask\n-0.5,-0.3,yes\n-1.2,-0.5,yes\n-9,-9,no\n",
    "policy,reference,mask\n-0.5,-0.3,1\n-1.2,-0.5,1\n<pad>,,0\n",
    "policy,reference,attention_mask,response_mask\n-0.5,-0.3,1,1\n-1.2,-0.5,1,1\ninf,3.5,1,0\n",
    '{"token":"a","logprob":null,"ref_logprob":null}\n{"token":"b","logprob":-0.5,"ref_logprob":-0.3}\n'
    '{"token":"c","logprob":-1.2,"ref_logprob":-0.5}\n',
    '{"logprobs":[null,-0.5,-1.2],"ref_logprobs":[-4.0,-0.3,-0.5]}',
    json.dumps({who: {"logprobs": {"content": [{"token": "a", "logprob": one} for one in pair]}} for who, pair in PAIR.items()}),
    json.dumps({who: {"choices": [{"logprobs": {"token_logprobs": pair, "tokens": ["a", "b"]}}]} for who, pair in PAIR.items()}),
    '{"prompt_logprobs": [null, {"5": {"logprob": -0.5}}, {"7": {"logprob": -1.2}}], "ref_prompt_logprobs": '
    '[null, {"5": {"logprob": -0.3}}, {"7": {"logprob": -0.5}}]}',
    "policy = [-0.5, -1.2]\nreference = [-0.3, -0.5]\n",
    "[-0.5, -1.2]\n[-0.3, -0.5]\n",
    "actor_logprob,ref_logprob\n-0.5,-0.3\n-1.2,-0.5\n",
    "teacher_logprob,student_logprob\n-0.3,-0.5\n-0.5,-1.2\n",
    "pi,pi_ref\n-0.5,-0.3\n-1.2,-0.5\n",
    '{"tokens":[1,2,3],"log_probs":[-0.5,-1.2],"ref_log_probs":[-0.3,-0.5],"reward":{"score":1.0}}',
    "policy,reference\n-0.5,-0.3\n-0.1,-1e30\n-1.2,-0.5\n",
    "policy,reference\n1.0,1.0\n-0.5,-0.3\n-1.2,-0.5\n",
]


@pytest.mark.parametrize("text", LOGS)
def test_logs_as_people_have_them_give_the_two_tokens_that_count(text):
    tokens = read_tokens(text)
    assert tokens.log_p.tolist() == [-0.5, -1.2] and tokens.log_q.tolist() == [-0.3, -0.5]


def test_arrays_by_name_are_a_log(tmp_path):
    np.savez(tmp_path / "run.npz", logprobs=np.array([PAIR["policy"]]), ref_logprobs=np.array([PAIR["reference"]]))
    tokens = read_tokens((tmp_path / "run.npz").read_bytes(), "run.npz")
    assert tokens.log_p.tolist() == [-0.5, -1.2] and tokens.log_q.tolist() == [-0.3, -0.5]
    rounded = read_tokens("policy,reference\n1e-8,-0.3\n-0.5,-0.3\n")
    assert rounded.log_p.tolist() == [0, -0.5] and "rounded above 0" in rounded.notes[0]
