extension DiagnosticCatalog {
  /// What can be seen in one file alone.
  static let frontMatterEntries: [Entry] = [
    Entry(
      "P001", .error, "malformed frontmatter",
      summary: "The lines between the two `---` are not YAML that a plan may use.",
      reason: """
        Nothing of the frontmatter can be trusted then, so the task keeps its row but is not started. Besides broken
        syntax this covers a key that is written twice, anchors, aliases and tags (a plan says what it means in place),
        more than one document, nesting deeper than 32, and more than 256 KB.
        """,
      wrong: "---\nstatus: not_started\ndepends_on: [billing/E01\n---",
      right: "---\nstatus: not_started\ndepends_on: [billing/E01]\n---"),
    Entry(
      "P002", .error, "unterminated frontmatter",
      summary: "The first line is `---`, but no later line is: the frontmatter never ends.",
      reason: """
        Read as Markdown, the settings would become text and the task would run without its dependencies, so it is not
        started. A file that wants a rule in its first line can write `***`.
        """,
      wrong: "---\nstatus: not_started\n\n# Epic 05: Validators",
      right: "---\nstatus: not_started\n---\n\n# Epic 05: Validators"),
    Entry(
      "P003", .error, "malformed task id",
      summary: "A text that must name a task does not: an id is `module/E05`, or `module/CLI02` with a prefix.",
      reason: """
        In `depends_on` a bare number means the `E` sequence of the same module. A guess could make a task wait for
        the wrong one, so the task is not started. The same code is for a plan file whose place or name gives no id.
        """,
      wrong: "depends_on: [billing/e1, E02]",
      right: "depends_on: [billing/E01, 2]"),
    Entry(
      "P007", .error, "wrong type",
      summary: "The value of a key has another type, or lies outside the range, that the key needs.",
      reason: """
        A limit or a review flag that is silently ignored is worse than none, so the task is not started until the value
        can be read. YAML 1.1 counts: `yes` and `on` are true, and what must be text may need quotes.
        """,
      wrong: "needs_review: maybe\ntimeout: 90\ntouches: src/*.swift",
      right: "needs_review: true\ntimeout: 90m\ntouches: [\"src/*.swift\"]"),
    Entry(
      "P008", .error, "unknown status",
      summary: "The value of `status` is none of `not_started`, `in_progress`, `complete`, nor a synonym of them.",
      reason: """
        Synonyms are `todo`, `pending`, `open`; `running`; `completed`, `done`. Taking an unknown word for
        `not_started` would run finished work again, so the task is not started.
        """,
      wrong: "status: finished",
      right: "status: complete"),
    Entry(
      "P009", .warning, "path and frontmatter disagree",
      summary: "The module, the number or the title is told twice in different ways.",
      reason: """
        The path wins: the id comes from the directory and the file name. The other place misleads readers and
        agents, and often means that a file was copied and not finished.
        """,
      wrong: "docs/plans/billing/epic-05-validators.md:\n---\nepic: 4\n---\n# Epic 06: Validators",
      right: "docs/plans/billing/epic-05-validators.md:\n---\nepic: 5\n---\n# Epic 05: Validators"),
    Entry(
      "P010", .warning, "no title",
      summary: "The plan has neither a `title` nor a level-1 heading outside code.",
      reason: "Lists, branches and pull requests then show words of the file name instead of a title.",
      wrong: "---\nstatus: not_started\n---\n## Requirements",
      right: "---\nstatus: not_started\n---\n# Validate the input\n\n## Requirements"),
    Entry(
      "P011", .note, "unknown key",
      summary: "The frontmatter has a key that no plan key is called.",
      reason: """
        The key is kept, because other tools may need it, and it changes nothing here. A slip in a key's name would
        otherwise pass unseen.
        """,
      wrong: "depend_on: [billing/E01]",
      right: "depends_on: [billing/E01]"),
    Entry(
      "P013", .error, "bad module name",
      summary: "The directory of a plan must match `^[a-z][a-z0-9-]*$`.",
      reason: """
        The name becomes part of task ids, branches and worktree paths, where other characters are not safe everywhere.
        The plans in such a directory have no id and are not tasks.
        """,
      wrong: "docs/plans/Billing_API/epic-01-invoices.md",
      right: "docs/plans/billing-api/epic-01-invoices.md"),
    Entry(
      "P014", .error, "not UTF-8",
      summary: "The file holds bytes that are not UTF-8 text.",
      reason: """
        Plans go into prompts, commits and web pages; a guessed encoding would put wrong text there. Often the file was
        saved as Latin-1 or UTF-16.
        """,
      wrong: "# Pr\\xFCfung     (Latin-1)",
      right: "# Prüfung        (UTF-8)"),
    Entry(
      "P015", .warning, "empty or vacuous acceptance criteria",
      summary: "The heading *Acceptance Criteria* is there, but nothing below it can be checked.",
      reason: """
        Each check box is given to the agent and to the reviewer as a condition of being complete. A box such as "TBD"
        or "works" proves nothing; leave the heading out when there is nothing to check.
        """,
      wrong: "## Acceptance Criteria\n\n- [ ] works",
      right: "## Acceptance Criteria\n\n- [ ] An invoice without a date is refused with status 422"),
    Entry(
      "P018", .error, "file too large",
      summary: "A plan may have 4 MiB at most.",
      reason: """
        The whole plan goes to the agent, so such a file can't be worked on. Only its name is read, and the task is not
        started.
        """,
      wrong: "docs/plans/billing/epic-05-import.md with a data set pasted into it",
      right: "docs/plans/billing/epic-05-import.md with a link to the data set"),
  ]

  /// What needs all files together.
  static let graphEntries: [Entry] = [
    Entry(
      "P004", .error, "unknown dependency",
      summary: "`depends_on` names a task that no plan file gives.",
      reason: """
        The task could never become ready, so it is not started. It was perhaps renamed or deleted, or the name has a
        slip: the nearest known id is offered.
        """,
      wrong: "depends_on: [biling/E01]",
      right: "depends_on: [billing/E01]"),
    Entry(
      "P005", .error, "dependency cycle",
      summary: "Tasks wait for each other in a circle, so none of them can start.",
      reason: """
        The notes list every edge of one shortest circle with the file and line that makes it. Within a module each task
        also waits for the next lower number; that edge needs no `depends_on`. Tasks that are tangled in further circles
        are counted.
        """,
      wrong: "docs/plans/billing/epic-01-a.md:\ndepends_on: [billing/E02]",
      right: "docs/plans/billing/epic-01-a.md:\ndepends_on: []"),
    Entry(
      "P006", .error, "duplicate id",
      summary: "Two files give the same task id.",
      reason: """
        Which one is meant can't be known. The first by path keeps the row so that nothing disappears, none of them
        replaces another, and the task is not started. `epic-1.2-x` and `epic-2.2-x` both give number 2.
        """,
      wrong: "docs/plans/billing/epic-02-tax.md\ndocs/plans/billing/02-epic-vat.md",
      right: "docs/plans/billing/epic-02-tax.md\ndocs/plans/billing/epic-03-vat.md"),
    Entry(
      "P012", .error, "self-dependency",
      summary: "A task depends on itself.",
      reason: "It could never become ready. The entry is usually a slip for the task before it.",
      wrong: "docs/plans/billing/epic-02-tax.md:\ndepends_on: [billing/E02]",
      right: "docs/plans/billing/epic-02-tax.md:\ndepends_on: [billing/E01]"),
    Entry(
      "P016", .warning, "overlapping touches",
      summary: "Two tasks that may run together say that they change the same files.",
      reason: """
        The scheduler never runs them at the same time, so nothing breaks, but the plan is slower than it looks. Narrow
        the globs, or make the order explicit with `depends_on`. Complete tasks are not compared.
        """,
      wrong:
        "docs/plans/api/epic-01-a.md: touches: [\"src/**\"]\ndocs/plans/web/epic-01-b.md: touches: [\"src/web/**\"]",
      right:
        "docs/plans/api/epic-01-a.md: touches: [\"src/api/**\"]\ndocs/plans/web/epic-01-b.md: touches: [\"src/web/**\"]"
    ),
    Entry(
      "P017", .warning, "plan changed while an attempt runs",
      summary: "The file of a task was edited after an agent had started on it.",
      reason: """
        The agent works from the text that it was given. The attempt goes on and its work is kept; `claude-orch retry
        TASK` starts a new attempt with the new text. Changes of the status alone do not count.
        """,
      wrong: "(editing docs/plans/billing/epic-02-tax.md while billing/E02 is running)",
      right: "claude-orch stop billing/E02, edit, claude-orch retry billing/E02"),
    Entry(
      "P019", .note, "dependency can't be started",
      summary: "The task waits for another one whose plan has errors.",
      reason: """
        A task with errors keeps its row but is not started, so whatever waits for it stays blocked until the errors are
        gone.
        """,
      wrong: "depends_on: [billing/E01]     (and billing/E01 has an unknown status)",
      right: "put billing/E01 right first"),
  ]
}
