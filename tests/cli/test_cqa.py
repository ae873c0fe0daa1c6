from __future__ import annotations


def test_cqa_judges_lists_and_says_what_is_missing(run, tmp_path) -> None:
    (tmp_path / "notes.tsv").write_text("text\tkind\nage not entered\tdemographic\n", encoding="utf-8")
    said = run("evaluate", "cqa", "--lists", tmp_path)
    assert said.code == 0 and "| demographic | 1 of 1" in said.out and "prompts_sha256" in said.out
    said = run("evaluate", "cqa", "--notes", tmp_path / "notes.tsv", "--json", "--out", tmp_path / "out.json")
    assert said.code == 0 and said.json["facts"]["task"] == "cqa" and (tmp_path / "out.json").is_file()


def test_cqa_refuses_what_cannot_be_meant(run, tmp_path) -> None:
    for words, says in (
        ((), "nothing to evaluate"),
        (("--lists", tmp_path), "holds none of questions.tsv"),
        (("--llm", "x.gguf"), "compared with references"),
        (("--sources", tmp_path / "a.pdf"), "compared with references"),
        (("--sources", tmp_path / "a.pdf", tmp_path / "b.pdf"), "compared with references"),
        ((tmp_path / "b.pdf",), "--sources before it"),
        (("--notes", tmp_path / "none.tsv"), "cannot be read"),
    ):
        said = run("evaluate", "cqa", *words)
        assert said.code in (1, 2) and says in said.err and "Traceback" not in said.err


def test_cqa_checks_settings_before_it_works(run, tmp_path, monkeypatch) -> None:
    from einthoven import metrics
    from einthoven.cli import cqa

    monkeypatch.setattr(cqa, "need_packages", lambda extra, *modules: None)
    monkeypatch.setattr(metrics, "load_language_model", lambda folder: None)
    base = ("evaluate", "cqa", "--references", tmp_path / "none.py", "--llm", "none.gguf")
    for words, says in (
        (("--llm-k", "2,x"), "names no numbers"),
        (("--llm-k", "21"), "names no numbers"),
        (("--prompts", "nothing"), "No prompt is called"),
        ((), "no model file"),
    ):
        said = run(*base, *words)
        assert said.code in (1, 2) and says in said.err, (words, said.err)
    assert "cannot be read" in run(*base[:4]).err


def test_sources_stand_behind_one_option(run, tmp_path, monkeypatch) -> None:
    from einthoven import metrics
    from einthoven.cli import cqa
    from einthoven.evaluation.tasks import cqa as task

    given = []
    monkeypatch.setattr(cqa, "need_packages", lambda extra, *modules: None)
    monkeypatch.setattr(cqa, "tell", lambda *_: None)
    monkeypatch.setattr(metrics, "load_language_model", lambda folder: None)
    monkeypatch.setattr(task, "evaluate_cqa", lambda lists, compared, *_: given.append(compared.sources))
    base = ("evaluate", "cqa", "--references", tmp_path / "r.py")
    for words in (("--sources", "a.pdf", "b.pdf"), ("--sources", "a.pdf", "--sources", "b.pdf")):
        assert run(*base, *words).code == 0
    assert given[0] == given[1] and [one.name for one in given[0]] == ["a.pdf", "b.pdf"]
