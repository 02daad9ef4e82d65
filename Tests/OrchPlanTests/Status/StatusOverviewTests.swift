import OrchDomain
import OrchRandom
import Testing

@testable import OrchPlan

private let known: [(id: TaskID, path: String)] = [
  (TaskID(module: "billing", number: 0), "docs/plans/billing/epic-00-setup.md"),
  (TaskID(module: "billing", number: 1), "docs/plans/billing/epic-01-payments.md"),
  (TaskID(module: "billing", number: 5), "docs/plans/billing/epic-05-a b.md"),
  (TaskID(module: "billing", prefix: "CLI", number: 1), "docs/plans/billing/epic-cli-01-x.md"),
  (TaskID(module: "auth", number: 5), "docs/plans/auth/epic-05-login.md"),
  (TaskID(module: "authorization", number: 5), "docs/plans/authorization/epic-05-roles.md"),
  (TaskID(module: "technical-module", number: 0), "docs/plans/technical-module/epic-00-s.md"),
]

private func updated(_ text: String, in readme: String = "README.md", _ changes: [String: TaskStatus]) throws -> String
{
  let bytes = Array(text.utf8)
  // Whatever isn't named keeps what the table says, so that every change seen is one that was asked for.
  let says = try StatusEdit.readOverview(bytes, readmePath: readme, plans: known)
  let statuses = known.map { ($0.id, $0.path, changes[$0.id.description] ?? says[$0.id] ?? .notStarted) }
  let edits = try StatusEdit.overview(bytes, readmePath: readme, statuses: statuses)
  return String(decoding: try #require(bytes.applying(edits)), as: UTF8.self)
}

@Suite("Status tables")
struct StatusOverviewTests {
  @Test(
    "A row counts when its link means the plan, however it is written",
    arguments: [
      ("README.md", "docs/plans/billing/epic-01-payments.md"),
      ("README.md", "./docs/plans/billing/epic-01-payments.md"),
      ("README.md", "/docs/plans/billing/epic-01-payments.md"),
      ("README.md", "docs/x/../plans/./billing/epic-01-payments.md#goal"),
      ("docs/README.md", "plans/billing/epic-01-payments.md?plain=1"),
      ("docs/README.md", "../docs/plans/billing/epic-01-payments.md"),
      ("docs/plans/README.md", "billing/epic-01-payments.md"),
      ("docs/plans/README.md", "docs/plans/billing/epic-01-payments.md"),
      ("README.md", "<docs/plans/billing/epic-01-payments.md>"),
      ("README.md", "docs/plans/billing/epic%2D01-payments.md"),
      ("README.md", "billing/epic-01-payments.md"), ("README.md", "../old/billing/epic-01-payments.md"),
    ])
  func links(readme: String, link: String) throws {
    let row = { (circle: String) in
      "| Epic | What | Status |\n|---|---|:-:|\n| [any text](\(link)) | x |  \(circle) |\n"
    }
    #expect(try updated(row("🔴"), in: readme, ["billing/E01": .complete]) == row("🟢"))
    #expect(try updated(row("🟢"), in: readme, ["billing/E01": .inProgress]) == row("🟡"))
    #expect(try updated(row("🟢"), in: readme, ["billing/E00": .inProgress]) == row("🟢"))
  }

  @Test(
    "A link to something else is no row of ours",
    arguments: [
      "https://example.org/docs/plans/billing/epic-01-payments.md", "//example.org/billing/epic-01-payments.md", "#E01",
      "docs/plans/billing/epic-01-payments.md.bak", "../../docs/plans/billing/epic-01.md", "epic-01-payments.md", "",
      "mailto:billing/epic-01-payments.md", "docs/plans/Billing/epic-01-payments.md",
    ])
  func otherLinks(link: String) throws {
    let text = "# Plans\n\n| Epic | Status |\n|---|---|\n| [E01](\(link)) | 🔴 |\n"
    #expect(try updated(text, ["billing/E01": .complete]) == text)
  }

  @Test("Encoded blanks, angle brackets and reference links lead to a path with a blank")
  func blanks() throws {
    for link in ["(docs/plans/billing/epic-05-a%20b.md)", "(<docs/plans/billing/epic-05-a b.md>)", "[r]"] {
      let text = "|S|E|\n|-|-|\n|🔴|[E5]\(link)|\n\n[r]: <docs/plans/billing/epic-05-a b.md>\n"
      #expect(try updated(text, ["billing/E05": .complete]) == text.replacing("🔴", with: "🟢"))
    }
  }

  @Test("The status cell is found in any layout, and padding stays")
  func layouts() throws {
    let link = "[E01](docs/plans/billing/epic-01-payments.md)"
    let layouts = [
      "| Status | Epic |\n|--|--|\n|   🔴   | \(link) |\n",
      "State|Epic|Note\n-|-|-\n🔴 open|\(link)|x\n",
      "| | Epic | |\n|-|-|-|\n| 🔴 | \(link) | text |\n",
      "| Epic | Rating 🟢 | Epic status |\n|-|-|-|\n| \(link) | 🟢 | 🔴 |\n",
      "| Epic | Note |\n|-|-|\n| \(link) with 🟢 inside | 🔴\u{FE0F} |\n",
      "> | Epic | Note |\n> |-|-|\n>   | \(link) \\| x | 🔴 soon |\n",
      "| Epic | Status |\r\n|-|-|\r\n| \(link) | 🔴 |\r\n",
      "| Epic | Needs | Status |\n|-|-|-|\n| \(link) | [E00](docs/plans/billing/epic-00-setup.md) | 🔴 |\n",
      "| Depends on | Epic | Status |\n|-|-|-|\n| [E00](docs/plans/billing/epic-00-setup.md) | \(link) | 🔴 |\n",
    ]
    for text in layouts {
      // With its variation selector the circle is another Character.
      let after = text.replacing("🔴\u{FE0F}", with: "🟡\u{FE0F}").replacing("🔴", with: "🟡")
      #expect(try updated(text, ["billing/E01": .inProgress]) == after)
    }
  }

  @Test("Legends, several circles, prose and code are never touched")
  func untouched() throws {
    let link = "[E01](docs/plans/billing/epic-01-payments.md)"
    let texts = [
      "Legend: 🔴 🟡 🟢\n\n\(link) 🔴\n", "| Epic | Status |\n|-|-|\n| \(link) | 🔴 🟡 🟢 |\n",
      "| Epic | A | B |\n|-|-|-|\n| \(link) | 🔴 | 🟢 |\n", "| Epic | A | B |\n|-|-|-|\n| \(link) | 🔴 a | 🟢 b |\n",
      "```\n| Epic | Status |\n|-|-|\n| \(link) | 🔴 |\n```\n",
      "    | Epic | Status |\n    |-|-|\n    | \(link) | 🔴 |\n",
      "<!--\n| Epic | Status |\n|-|-|\n| \(link) | 🔴 |\n-->\n", "| \(link) | 🔴 |\n",
      "| Epic | Status |\n|-|-|\n| \(link) | todo |\n", "| Epic 🔴 \(link) | Status 🔴 |\n|-|-|\n",
      "| Epic | Status |\n|-|-|\n| ![E01](docs/plans/billing/epic-01-payments.md) | 🔴 |\n",
    ]
    for text in texts { #expect(try updated(text, ["billing/E01": .complete]) == text) }
  }

  @Test("A code without a link counts under the exact heading of its module only")
  func headings() throws {
    let table = "| Epic | Status |\n|-|-|\n| E05 | 🔴 |\n"
    for heading in ["## auth", "### Auth", "# AUTH Module", "## `auth`", "auth\n---", "## Auth-Module"] {
      let text = "\(heading)\n\ntext\n\n\(table)"
      #expect(try updated(text, ["auth/E05": .complete]) == text.replacing("🔴", with: "🟢"))
      #expect(try updated(text, ["authorization/E05": .complete]) == text)
    }
    for heading in ["## Authorization", "## auth tokens", "## Module Status", "text", "## auth\n\n# Other"] {
      let text = "\(heading)\n\n\(table)"
      #expect(try updated(text, ["auth/E05": .complete]) == text)
    }
    let nested = "## Auth\n\n### Later\n\n\(table)\n### Authorization\n\n\(table)"
    let after = "## Auth\n\n### Later\n\n\(table.replacing("🔴", with: "🟢"))\n### Authorization\n\n\(table)"
    #expect(try updated(nested, ["auth/E05": .complete]) == after)
    let full = "| Epic | Status |\n|-|-|\n| authorization/E5: roles | 🔴 |\n"
    #expect(try updated(full, ["authorization/E05": .complete]) == full.replacing("🔴", with: "🟢"))
  }

  @Test("A prefixed code never ticks the plain one, and the other way round")
  func prefixes() throws {
    let text = "## Billing\n\n| Epic | S |\n|-|-|\n| E01 | 🔴 |\n| CLI01 | 🔴 |\n| E1: pay | 🔴 |\n| E10 | 🔴 |\n"
    let cli = "## Billing\n\n| Epic | S |\n|-|-|\n| E01 | 🔴 |\n| CLI01 | 🟢 |\n| E1: pay | 🔴 |\n| E10 | 🔴 |\n"
    let plain = "## Billing\n\n| Epic | S |\n|-|-|\n| E01 | 🟢 |\n| CLI01 | 🔴 |\n| E1: pay | 🟢 |\n| E10 | 🔴 |\n"
    #expect(try updated(text, ["billing/CLI01": .complete]) == cli)
    #expect(try updated(text, ["billing/E01": .complete]) == plain)
  }

  @Test("Module names that differ by the word module are told apart")
  func modules() {
    let headings = ModuleHeadings(modules: ["auth", "auth-module", "technical-module", "a-b", "x-module"])
    #expect(headings.module(named: "Auth") == "auth")
    #expect(headings.module(named: "Auth Module") == "auth-module")
    #expect(headings.module(named: "Technical") == "technical-module")
    #expect(headings.module(named: "technical module") == "technical-module")
    #expect(headings.module(named: "A  B Module") == "a-b")
    #expect(headings.module(named: "Module") == nil)
    #expect(headings.module(named: "") == nil)
    #expect(headings.module(named: "Auth Module Module") == nil)
  }

  @Test("The tables of the older tool's fixtures are read and written")
  func olderSync() throws {
    let text = """
      # Project

      Legend: 🔴 open, 🟡 running, 🟢 done

      ### Technical Module

      | Epic | Description | Status |
      |------|-------------|:------:|
      | [E00](technical-module/epic-00-s.md) | Setup | 🔴 |

      ### Billing Module

      | Epic | Description | Status |
      |------|-------------|:------:|
      | [E00](billing/epic-00-setup.md) | Setup | 🔴 |

      """
    let once = try updated(text, ["technical-module/E00": .inProgress])
    #expect(once == text.replacing("| Setup | 🔴 |", with: "| Setup | 🟡 |", maxReplacements: 1))
    let plans = known.map { ($0.id, $0.path) }
    #expect(
      try StatusEdit.readOverview(Array(once.utf8), readmePath: "README.md", plans: plans) == [
        TaskID(module: "technical-module", number: 0): .inProgress, TaskID(module: "billing", number: 0): .notStarted,
      ])
  }

  @Test("Of several rows about one task the least finished is read")
  func severalRows() throws {
    let row = "| Epic | Status |\n|-|-|\n| [x](docs/plans/billing/epic-00-setup.md) | 🟢 |\n\n"
    let bytes = Array((row + row.replacing("🟢", with: "🟡") + row).utf8)
    let found = try StatusEdit.readOverview(bytes, readmePath: "README.md", plans: known.map { ($0.id, $0.path) })
    #expect(found == [TaskID(module: "billing", number: 0): .inProgress])
  }

  @Test("On random tables an edit changes circles only, works once, and reads back", arguments: UInt64(0)..<200)
  func property(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let circles = TaskStatus.allCases.map { String($0.emoji) }
    var text = "# Plans 🔴 🟡 🟢\n\n"
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let columns = ["Epic", "Status", "Note", "Depends on"].shuffled(using: &random)
      text +=
        "\n## \(known.randomElement(using: &random)?.id.module ?? "x")\n\n|" + columns.joined(separator: "|") + "|\n|"
      text += String(repeating: "---|", count: 4) + "\n"
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        let plan = known.randomElement(using: &random) ?? known[0]
        let circle = circles.randomElement(using: &random) ?? ""
        text += "|"
        for column in columns {
          let pad = String(repeating: " ", count: Int.random(in: 0...3, using: &random))
          switch column {
          case "Epic":
            let isLink = Int.random(in: 0..<3, using: &random) > 0
            text += pad + (isLink ? "[\(plan.id.code)](<\(plan.path)>)" : plan.id.code) + " |"
          case "Status":
            text +=
              pad + [circle, circle, circle + " word", "", circle + circle][Int.random(in: 0..<5, using: &random)] + pad
              + "|"
          case "Note": text += pad + ["a \\| b", "see 🟢 x", "`c`", ""][Int.random(in: 0..<4, using: &random)] + "|"
          default: text += pad + "[E00](docs/plans/billing/epic-00-setup.md)|"
          }
        }
        text += "\n"
      }
    }
    let bytes = Array(text.utf8)
    let statuses = known.map { ($0.id, $0.path, TaskStatus.allCases.randomElement(using: &random) ?? .complete) }
    let edits = try StatusEdit.overview(bytes, readmePath: "README.md", statuses: statuses)
    let result = try #require(bytes.applying(edits))
    #expect(result.count == bytes.count)
    var allowed = Set<Int>()
    for edit in edits { allowed.formUnion(edit.offset..<(edit.offset + edit.length)) }
    #expect(bytes.indices.allSatisfy { bytes[$0] == result[$0] || allowed.contains($0) })
    for edit in edits {
      #expect(circles.contains(String(decoding: bytes[edit.offset..<(edit.offset + edit.length)], as: UTF8.self)))
      #expect(circles.contains(String(decoding: edit.replacement, as: UTF8.self)))
    }
    #expect(try StatusEdit.overview(result, readmePath: "README.md", statuses: statuses).isEmpty)
    let read = try StatusEdit.readOverview(result, readmePath: "README.md", plans: known)
    for (id, _, status) in statuses { #expect(read[id] == nil || read[id] == status) }
    // The columns about dependencies and notes are nobody's status.
    let lines = { (bytes: [UInt8]) in String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
    #expect(lines(result).first == lines(bytes).first)
  }
}
