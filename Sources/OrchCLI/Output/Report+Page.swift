import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

extension Report {
  /// - Parameter now: The end of a report that has none.
  func page(now: Timestamp) -> ReportPage {
    var sections = [landedSection, needsYouSection, parkedSection, failedSection]
    sections += [unsentSection, troubleSection, missedSection, gapSection, runSection].filter { !$0.rows.isEmpty }
    sections += costSections
    return ReportPage(
      title: "Report of \(project)", lead: lead(now),
      // What is empty is left out, but that nothing has landed is the first thing to know.
      sections: sections.filter { !$0.rows.isEmpty || $0.note != nil })
  }

  private func lead(_ now: Timestamp) -> [String] {
    let from = log.since.map { "Since \(zone.text($0))" } ?? "From the beginning"
    var lines = ["\(from) until \(log.until.map(zone.text) ?? "now")"]
    let needs = needsYou.count + log.questions.count
    lines.append("Landed \(log.landed.count), needs you \(needs), parked \(parked.count), failed \(failed.count)")
    if total.turns == 0 {
      lines.append("No agent has worked")
    } else {
      let time = Duration.seconds(total.usage.seconds).text
      lines.append("Spent \(total.usage.cost.shown) USD in \(total.turns) turns and \(time) of agents' time")
    }
    if let forecast {
      let runs = forecast.runs == 1 ? "The run" : "The \(forecast.runs) runs"
      lines.append(
        "\(runs) with a forecast cost \(forecast.spent.shown) USD of \(forecast.expected.shown) that were expected")
    }
    if let rate = throughput(until: now), log.landed.count > 0 {
      let tenths = Int((rate * 10).rounded())
      lines.append("\(tenths / 10).\(tenths % 10) landed an hour")
    }
    return lines
  }

  private var landedSection: ReportPage.Section {
    var section = ReportPage.Section(title: "Landed", header: ["TASK", "AT", "COMMIT", "TREE", "PROOF", "APPROVED BY"])
    section.rows = log.landed.map { work in
      [
        work.task.description, zone.text(work.at), short(work.commit), short(work.tree), proof(work),
        work.approvedBy ?? "-",
      ]
    }
    if log.landed.isEmpty { section.note = "Nothing" }
    if log.landed.isEmpty { section.header = [] }
    return section
  }

  private func short(_ id: String?) -> String { id.map { String($0.prefix(12)) } ?? "-" }

  /// Whether the tree on the base branch is the one that passed the gate.
  func proof(_ work: NightLog.Landed) -> String {
    guard let tested = tested[work.change] else { return "none is recorded" }
    return tested == work.tree ? "the gate passed on this tree" : "THE GATE PASSED ON ANOTHER TREE, \(short(tested))"
  }

  private var needsYouSection: ReportPage.Section {
    ReportPage.Section(
      title: "Needs you",
      rows: needsYou.map { task in
        let count = unblocks[task.task] ?? 0
        let behind = count == 0 ? "" : " (\(count) \(count == 1 ? "task waits" : "tasks wait") for it)"
        return [task.task.description, "\(task.state.rawValue)\(behind): \(task.reason ?? "")"]
      } + log.questions.map { [$0.task.description, "asks: \($0.text)"] })
  }

  private var parkedSection: ReportPage.Section {
    ReportPage.Section(
      title: "Parked",
      rows: parked.map { task in
        let until = task.until.map { "until \(zone.text($0))" } ?? "until somebody acts"
        return [task.task.description, "\(until): \(task.reason ?? "parked")"]
      })
  }

  private var failedSection: ReportPage.Section {
    ReportPage.Section(
      title: "Failed",
      rows: failed.map { task in
        let failure = task.failure.map { "\($0.rawValue): " } ?? ""
        return [task.task.description, failure + (task.reason ?? "no reason is recorded")]
      })
  }

  private var unsentSection: ReportPage.Section {
    ReportPage.Section(title: "Not told", rows: unsent.map { [$0.channel, "\($0.title): \($0.state)"] })
  }

  private var troubleSection: ReportPage.Section {
    let walls = log.walls.map { wall in
      let model = wall.model.map { " with model \($0)" } ?? ""
      return [
        zone.text(wall.at),
        "agent \(wall.agent)\(model) got no work until \(zone.text(wall.until)): \(wall.reason) [\(wall.failure)]",
      ]
    }
    let limits = log.limits.map { [zone.text($0.at), "\($0.percent) % of a limit: \($0.text)"] }
    let broken = log.attempts.filter { $0.key != Attempt.Outcome.complete.rawValue }.sorted { $0.key < $1.key }
    let ends =
      broken.isEmpty ? [] : [["Attempts", broken.map { "\($0.value) ended as \($0.key)" }.joined(separator: ", ")]]
    return ReportPage.Section(title: "Trouble", rows: walls + limits + ends)
  }

  private var missedSection: ReportPage.Section {
    ReportPage.Section(
      title: "Due and not run",
      rows: log.missed.map { missed in
        let more = missed.count > 1 ? " and \(missed.count - 1) more until \(zone.text(missed.until))" : ""
        return [missed.name, "\(zone.text(missed.due))\(more): \(missed.reason)"]
      })
  }

  private var gapSection: ReportPage.Section {
    ReportPage.Section(
      title: "Nobody was there",
      rows: log.gaps.map { gap in
        let why = gap.hasDied ? "it died, or the machine did" : "it slept, or was stopped"
        return [
          gap.who, "from \(zone.text(gap.from)) to \(zone.text(gap.to)) (\(gap.to.since(gap.from).text)): \(why)",
        ]
      })
  }

  private var runSection: ReportPage.Section {
    ReportPage.Section(
      title: "Batches",
      rows: log.runs.map { run in
        let due = run.due.map { "due \(zone.text($0))" } ?? "by hand"
        let time = run.startedAt.flatMap { start in run.endedAt.map { ", took \($0.since(start).text)" } } ?? ""
        let expected = run.forecastTime.map { " of \($0.text) expected" } ?? ""
        return [run.name, "\(due)\(time)\(time.isEmpty ? "" : expected): \(run.outcome ?? "has not ended")"]
      })
  }

  private var costSections: [ReportPage.Section] {
    guard total.turns > 0 else { return levelSection }
    let tables = [("TASK", tasks + [total]), ("AGENT", agents), ("MODEL", models), ("DAY", days)]
    return tables.filter { !$0.1.isEmpty }.map { title, rows in
      ReportPage.Section(
        title: "Cost by \(title.lowercased())",
        header: [title, "TURNS", "COST USD", "INPUT", "CACHE WRITE", "CACHE READ", "OUTPUT", "AGENT TIME"],
        rows: rows.map(cells))
    } + levelSection
  }

  private func cells(_ row: Row) -> [String] {
    let (usage, tokens) = (row.usage, row.usage.tokens)
    return [
      row.name, String(row.turns), usage.cost.shown, String(tokens.input), String(tokens.cacheWrite),
      String(tokens.cacheRead), String(tokens.output), Duration.seconds(usage.seconds).text,
    ]
  }

  private var levelSection: [ReportPage.Section] {
    [ReportPage.Section(title: "Limits", rows: levels.map { ["\($0.text) (\($0.percent) %)"] })]
  }
}
