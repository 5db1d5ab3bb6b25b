"""Logs of tokens as people have them: masks, placeholders, nulls, servers' answers, any names."""

import json

import numpy as np
import pandas
import pytest

from pages.views.sample_estimates.token_file import read_tokens
from pages.views.sample_estimates.token_nesting import _by_output
from pages.views.sample_estimates.token_roles import UnknownFieldsError

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


GUESSED = {
    "new_logprob,old_logprob\n-0.3,-0.5\n-0.5,-1.2\n": ("old_logprob", "new_logprob"),
    '{"logprobs": [-0.3, -0.5], "old_logprobs": [-0.5, -1.2]}': ("old_logprobs", "logprobs"),
    "model_a,model_b\n-0.5,-0.3\n-1.2,-0.5\n": ("model_a", "model_b"),
    "1,-0.5,-0.3\n2,-1.2,-0.5\n": ("column 2", "column 3"),
    '{"chosen": [-0.5, -1.2], "other": [-0.3, -0.5], "advantage": [0.5, -0.5]}': ("chosen", "other"),
    "ref_logprob,lp\n-0.3,-0.5\n-0.5,-1.2\n": ("lp", "ref_logprob"),
}


@pytest.mark.parametrize("text", GUESSED)
def test_fields_without_a_known_name_are_guessed_said_and_can_be_exchanged(text):
    policy, reference = GUESSED[text]
    tokens = read_tokens(text)
    assert tokens.log_p.tolist() == [-0.5, -1.2] and tokens.log_q.tolist() == [-0.3, -0.5]
    assert any(f"“{policy}”" in note and f"“{reference}”" in note and "Which field is which" in note for note in tokens.notes)
    for chosen in ({"policy": reference}, {"reference": policy}, {"policy": reference, "reference": policy}):
        exchanged = read_tokens(text, chosen=chosen)
        assert exchanged.log_p.tolist() == [-0.3, -0.5] and exchanged.log_q.tolist() == [-0.5, -1.2]
        assert not any("No field is named" in note for note in exchanged.notes)
    with pytest.raises(ValueError, match="are both"):
        read_tokens(text, chosen={"policy": policy, "reference": policy})


def test_a_second_field_for_the_policy_is_named_and_masks_and_rewards_are_never_taken_for_one():
    record = {"logprobs": [-0.4, -1.1], "old_logprobs": [-0.5, -1.2], "ref_logprobs": [-0.3, -0.5], "reward": -1.0}
    tokens = read_tokens(json.dumps(record))
    assert tokens.log_p.tolist() == [-0.5, -1.2]
    assert any("“logprobs” could be meant too" in note for note in tokens.notes)
    assert read_tokens(json.dumps(record), chosen={"policy": "logprobs"}).log_p.tolist() == [-0.4, -1.1]
    quiet = {"old_log_probs": [-0.5], "ref_log_prob": [-0.3], "rollout_log_probs": [-0.5], "top_logprobs": [-0.1]}
    assert not any("could be meant" in note for note in read_tokens(json.dumps(quiet)).notes)
    with pytest.raises(UnknownFieldsError, match="no “reference”") as problem:
        read_tokens('{"logprobs": [-0.5], "reward": -1.0, "response_mask": [1], "step": 3}')
    assert problem.value.names == ["logprobs", "reward", "response_mask", "step"]


def test_fields_are_chosen_on_the_page_even_before_the_log_can_be_read(visit):
    at = visit("sample_estimates", view="Your run")
    at.text_area(key="tokens_text").set_value("first,second,third\n0.5,-0.5,1\n0.5,-1.2,1\n").run()
    assert "names no column" in at.error[0].value and at.selectbox(key="field_policy").value == "second"
    at.text_area(key="tokens_text").set_value("new_logprob,old_logprob\n-0.3,-0.5\n-0.5,-1.2\n").run()
    assert not at.error
    assert [at.selectbox(key=f"field_{side}").value for side in ("policy", "reference")] == ["old_logprob", "new_logprob"]
    at.selectbox(key="field_policy").set_value("new_logprob").run()
    assert not at.error
    assert [at.selectbox(key=f"field_{side}").value for side in ("policy", "reference")] == ["new_logprob", "old_logprob"]


MASKED = [
    '{"policy": [-0.5, -1.2, -9], "reference": [-0.3, -0.5, -9], "padding_mask": [0, 0, 1]}',
    '{"policy": [-0.5, -1.2, -9], "reference": [-0.3, -0.5, -9], "labels": [5, 7, -100]}',
    "policy,reference,padding_mask\n-0.5,-0.3,False\n-1.2,-0.5,False\n-9,-9,True\n",
    "policy,reference,labels\n-0.5,-0.3,5\n-1.2,-0.5,7\n-9,-9,-100\n",
]


@pytest.mark.parametrize("text", MASKED)
def test_padding_masks_and_ignored_labels_leave_tokens_out_and_say_so(text):
    tokens = read_tokens(text)
    assert tokens.log_p.tolist() == [-0.5, -1.2]
    assert "padding and left out" in tokens.notes[0] or "−100" in tokens.notes[0]


def test_labels_of_words_are_no_mask():
    assert len(read_tokens("policy,reference,labels\n-0.5,-0.3,good\n-1.2,-0.5,bad\n").log_p) == 2


REFUSED = {
    '{"old_log_probs":[-0.5,-1.2,-30],"ref_log_prob":[-0.3,-0.5,-1],"response_mask":[1,1]}': "“response_mask” has 2 entries .* 3",
    '{"policy":[-0.5,-1.2],"reference":[-0.3,-0.5],"loss_mask":[0.5,1]}': "“loss_mask” holds 0.5; a mask is 0 or 1",
    "policy,reference,loss_mask\n-0.5,-0.3,0.5\n-1,-2,1\n": "“loss_mask” holds 0.5; a mask is 0 or 1",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_mask_that_does_not_fit_is_refused(text):
    with pytest.raises(ValueError, match=REFUSED[text]):
        read_tokens(text)


NESTED = [
    '{"choices":[{"logprobs":{"content":[{"token":"a","logprob":-0.5},{"token":"b","logprob":-1.2}]}}],"ref_logprobs":[-0.3,-0.5]}',
    '{"choices":[{"logprobs":{"tokens":["a","b"],"token_logprobs":[-0.5,-1.2]}}],"ref_logprobs":[-0.3,-0.5]}',
    '{"id":"x","choices":[{"logprobs":{"content":[{"token":"a","logprob":-0.5}]}},{"logprobs":{"content":[{"token":"b","logprob":-1.2}]}}],'
    '"ref_logprobs":[[-0.3],[-0.5]]}',
    '{"response":{"choices":[{"logprobs":{"content":[{"token":"a","logprob":-0.5},{"token":"b","logprob":-1.2}]}}]},'
    '"ref_response":{"choices":[{"logprobs":{"content":[{"token":"a","logprob":-0.3},{"token":"b","logprob":-0.5}]}}]}}',
    '{"batch":{"old_log_probs":[[-0.5,-1.2,0]],"ref_log_prob":[[-0.3,-0.5,0]],"response_mask":[[1,1,0]]},"non_tensor_batch":{"uid":["a"]}}',
    'prompt,policy,reference\nx,"[-0.5]","[-0.3]"\ny,"[-1.2]","[-0.5]"\n',
    'policy,reference\n"[-0.5 -1.2]","[-0.3 -0.5]"\n',
    ',policy,reference,mask\n0,"[-0.5, -1.2, None]","[-0.3, -0.5, None]","[1, 1, 0]"\n',
]


@pytest.mark.parametrize("text", NESTED)
def test_log_probabilities_are_read_where_they_lie_deeper(text):
    tokens = read_tokens(text)
    assert tokens.log_p.tolist() == [-0.5, -1.2] and tokens.log_q.tolist() == [-0.3, -0.5]


def test_a_dump_that_pandas_wrote_to_csv_is_the_dump():
    dump = pandas.DataFrame({"old_log_probs": [[-0.5, -1.2], [-0.1]], "ref_log_prob": [[-0.3, -0.5], [-0.2]], "step": [1, 2]})
    for options in ({}, {"index": False}, {"sep": "\t"}, {"sep": ";", "index": False}):
        tokens = read_tokens(dump.to_csv(**options))
        assert tokens.log_p.tolist() == [-0.5, -1.2, -0.1] and tokens.sequence.tolist() == [0, 0, 1] and tokens.step.tolist() == [1, 2]


def test_an_array_of_two_rows_is_the_policy_and_the_reference(tmp_path):
    for array in (np.array([[-0.5, -1.2, -2.0], [-0.3, -0.5, -1.0]]), np.array([[-0.5, -0.3], [-1.2, -0.5], [-2.0, -1.0]])):
        np.save(tmp_path / "run.npy", array)
        tokens = read_tokens((tmp_path / "run.npy").read_bytes(), "run.npy")
        assert tokens.log_p.tolist() == [-0.5, -1.2, -2.0] and tokens.log_q.tolist() == [-0.3, -0.5, -1.0]


def test_an_answer_of_a_server_without_log_probabilities_says_how_to_get_them():
    with pytest.raises(ValueError, match="logprobs=True"):
        read_tokens('{"choices":[{"message":{"content":"a"},"logprobs":null}],"ref_logprobs":[-0.3]}')


def test_of_vllm_s_candidates_the_sampled_one_counts_wherever_it_stands():
    candidates = [{"5": {"logprob": -0.1, "decoded_token": "a"}, "7": {"logprob": -3.0, "decoded_token": "b"}}]
    tokens = read_tokens(json.dumps({"token_ids": [7], "logprobs": candidates, "ref_logprobs": [-0.3]}))
    assert (tokens.log_p.tolist(), tokens.text) == ([-3.0], ["b"])


def test_a_mask_over_prompt_and_response_counts_from_its_end_and_says_when_that_may_be_wrong():
    run = {"log_probs": [-0.5, -1.2, 0.0], "ref_log_probs": [-0.3, -0.5, 0.0]}
    left = read_tokens(json.dumps(run | {"attention_mask": [0, 1, 1, 1, 0]}))
    assert left.log_p.tolist() == PAIR["policy"] and not any("padding comes last" in note for note in left.notes)
    right = read_tokens(json.dumps(run | {"attention_mask": [1, 1, 1, 1, 0]}))
    assert right.log_p.tolist() == PAIR["policy"] and any("all the padding comes last" in note for note in right.notes)
    both = read_tokens(json.dumps(run | {"attention_mask": [1, 1, 1, 0, 0], "response_mask": [1, 1, 0]}))
    assert both.log_p.tolist() == PAIR["policy"] and "“response_mask”, which has as many entries, is used" in both.notes[0]


EXCEL = {
    "a header": pandas.DataFrame({"token": ["NA", "null"], **PAIR, "mask": [True, True]}),
    "a mask": pandas.DataFrame({"policy": [-0.5, -1.2, 5], "reference": [-0.3, -0.5, None], "response_mask": [1, 1, 0]}),
    "an answer in each row": pandas.DataFrame({"logprobs": ["[-0.5, -1.2]"], "ref_logprobs": ["[-0.3, -0.5]"]}),
}


@pytest.mark.parametrize("kind", EXCEL)
def test_a_workbook_is_a_log(kind, tmp_path):
    with pandas.ExcelWriter(tmp_path / "run.xlsx") as book:
        pandas.DataFrame({"about": ["my run"]}).to_excel(book, sheet_name="about", index=False)
        EXCEL[kind].to_excel(book, sheet_name="log", index=kind == "a header")
    tokens = read_tokens((tmp_path / "run.xlsx").read_bytes(), "run.xlsx")
    assert tokens.log_p.tolist() == PAIR["policy"] and tokens.log_q.tolist() == PAIR["reference"]
    assert "Of 2 sheets “log” is read." in tokens.notes
    assert tokens.text == (["NA", "null"] if kind == "a header" else [])


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_long_log_tells_how_far_it_is(form):
    row = {"log_probs": PAIR["policy"], "ref_log_probs": PAIR["reference"]}
    log = "\n".join([json.dumps(row)] * 2000) if form == "jsonl" else "policy,reference\n" + "-0.5,-0.3\n" * 4000
    heard = []
    tokens = read_tokens(log, told=lambda what, share: heard.append((what, share)))
    shares = [share for _, share in heard]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] < 1 and heard[-1][0] == "Checking 4,000 tokens"
    assert len(tokens.log_p) == 4000 and len(shares) == (6 if form == "jsonl" else 3)


def test_outputs_without_log_probabilities_are_not_taken_for_a_servers():
    for outputs in ([], ["text"], [{"text": "a"}], "text"):
        record = {"outputs": outputs, "policy": [-0.5], "reference": [-0.3]}
        assert _by_output(record) == [record]
