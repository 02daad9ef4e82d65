import OrchDomain
import OrchStore
import Testing

@Suite("What agents ask people")
struct QuestionTests {
  @Test("A question is open until a message comes for its task, or the task is over")
  func openUntilAnswered() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let (one, two) = (try PlanTask("a/E01"), try PlanTask("a/E02"))
    _ = try store.applyCompilation(project, Compilation(one, two), at: .t(1))
    func ask(_ text: String, _ task: PlanTask) throws {
      try store.write(project) { tx in _ = try tx.ask(text, about: task.id, at: .t(2)) }
    }
    func open() throws -> [String] { try store.read(project) { tx in try tx.openQuestions() }.map(\.text) }
    try ask("Blue?", one)
    try ask("Red?", two)
    try ask("Or green?", one)
    #expect(try open() == ["Blue?", "Red?", "Or green?"])
    try store.write(project) { tx in _ = try tx.sendMessage("Green", to: one.id, from: "ann", at: .t(3)) }
    #expect(try open() == ["Red?"])
    // A message from before is no answer to what is asked later.
    try ask("Which green?", one)
    #expect(try open() == ["Red?", "Which green?"])
    _ = try store.applyCompilation(project, Compilation(one), at: .t(4))
    #expect(try open() == ["Which green?"])
    for state in [TaskState.ready, .cancelled] {
      try store.transition(project, one.id, from: Set(TaskState.allCases), to: state, at: .t(5))
    }
    #expect(try open().isEmpty)
  }
}
