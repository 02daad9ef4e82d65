import OrchDomain
import OrchSchedule
import Testing

@Suite struct GraphViewTests {
  static func tasks() throws -> [GraphView.Task] {
    [
      .init(
        id: try id("b/E01"), title: "Say \"hi\" \\ <b> [x]; # `y`\nand\u{202E} more", status: .notStarted,
        dependencies: [Dependency(try id("x/E09"), .explicit), Dependency(try id("a/E02"), .explicit)]),
      .init(
        id: try id("a/E02"), title: "Two", status: .inProgress, dependencies: [Dependency(try id("a/E01"), .implicit)]),
      .init(id: try id("a/E01"), title: "One", status: .complete, dependencies: []),
      .init(
        id: try id("z/E01"), title: "Ring", status: .notStarted,
        dependencies: [Dependency(try id("z/E02"), .explicit)]),
      .init(
        id: try id("z/E02"), title: "Ring", status: .notStarted,
        dependencies: [Dependency(try id("z/E01"), .explicit)]),
    ]
  }

  @Test("Text shows levels, dependencies, unknown tasks and cycles")
  func text() throws {
    #expect(
      GraphView(try Self.tasks()).text() == """
        Level 1
          🟢 a/E01  One

        Level 2
          🟡 a/E02  Two  (after a/E01)

        Level 3
          🔴 b/E01  Say "hi" \\ <b> [x]; # `y` and\\u{202e} more  (after a/E02, x/E09?)

        On a cycle, or behind one
          🔴 z/E01  Ring  (after z/E02)
          🔴 z/E02  Ring  (after z/E01)
          cycle: z/E01 -> z/E02 -> z/E01

        """)
    #expect(GraphView([]).text() == "")
  }

  @Test("A focus keeps what a task waits for and what waits for it")
  func focus() throws {
    let view = GraphView(try Self.tasks(), focus: [try id("a/E02"), try id("q/E01")])
    #expect(view.text().split(separator: "\n").filter { $0.hasPrefix("  ") }.count == 3)
  }

  @Test("Graphviz text is quoted")
  func dot() throws {
    let text = GraphView(try Self.tasks(), focus: [try id("b/E01")]).dot()
    let label = ##"label="b/E01\nSay \"hi\" \\ <b> [x]; # `y` and\\u{202e} more", fillcolor="#f4c7c3""##
    #expect(text.contains("  \"b/E01\" [\(label)];\n"))
    #expect(text.contains("  \"a/E01\" -> \"a/E02\" [style=dashed];\n"))
    #expect(text.contains("  \"a/E02\" -> \"b/E01\";\n"))
    #expect(text.contains("  \"x/E09\" [style=dotted];\n"))
    #expect(text.hasPrefix("digraph plan {\n") && text.hasSuffix("}\n"))
  }

  @Test("Mermaid text keeps nothing that could be syntax")
  func mermaid() throws {
    let text = GraphView(try Self.tasks(), focus: [try id("b/E01")]).mermaid()
    #expect(text.hasPrefix("flowchart LR\n"))
    let label =
      "b/E01<br/>Say #34;hi#34; #92; #60;b#62; #91;x#93;#59; #35; #96;y#96; and#92;u#123;202e#125; more"
    #expect(text.contains("  n2[\"\(label)\"]:::not_started\n"))
    #expect(text.contains("  n0 -.-> n1\n") && text.contains("  n1 --> n2\n") && text.contains("  u0 --> n2\n"))
  }

  @Test("JSON has tasks, levels, edges with their kind, cycles and unknown tasks")
  func json() throws {
    let json = GraphView(try Self.tasks()).json
    #expect(json["cycles"]?.text() == #"[["z/E01","z/E02"]]"#)
    #expect(json["unknown"]?.text() == #"["x/E09"]"#)
    let text = json.text()
    #expect(
      text.contains(
        #"{"id":"a/E02","title":"Two","status":"in_progress","level":2,"#
          + #""depends_on":[{"id":"a/E01","kind":"implicit"}]}"#
      ))
    #expect(text.contains(#""id":"z/E01","title":"Ring","status":"not_started","level":null"#))
  }
}
