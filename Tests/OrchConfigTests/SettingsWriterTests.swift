import OrchConfig
import OrchRandom
import Testing

@Suite("The first configuration file")
struct SettingsWriterTests {
  @Test("Holds what was answered, whatever characters it has", arguments: 0..<50 as Range<UInt64>)
  func roundTrip(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("ab $\"'\\#[]{}=,\n\t\u{1B}\u{7F}é😀|&;")
    func word() -> String {
      "x" + String((0..<Int.random(in: 0...30, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
    }
    func words() -> [String] { (0..<Int.random(in: 0...3, using: &random)).map { _ in word() } }
    var answers = SetupAnswers()
    answers.agent = word()
    answers.baseBranch = Bool.random(using: &random) ? word() : nil
    answers.maxParallelAgents = Int.random(in: 1...20, using: &random)
    answers.verifyCommands = words()
    answers.lint = words()
    answers.setup = words()
    answers.copyFiles = Bool.random(using: &random) ? [".env"] : []
    answers.symlinkDirs = Bool.random(using: &random) ? ["node_modules"] : []
    let text = SettingsWriter.initialConfig(answers)
    let loaded = SettingsLoader.parse(text, file: "c.toml")
    #expect(loaded.diagnostics.isEmpty, "\(text)")
    var expected = Settings.defaults
    expected.general.agent = answers.agent
    expected.general.baseBranch = answers.baseBranch
    expected.general.maxParallelAgents = answers.maxParallelAgents
    expected.verify.commands = answers.verifyCommands
    if !answers.lint.isEmpty { expected.verify.stages = [VerifyStage("lint", answers.lint)] }
    expected.worktree.copyFiles = answers.copyFiles
    expected.worktree.setup = answers.setup
    expected.worktree.symlinkDirs = answers.symlinkDirs
    #expect(loaded.settings == expected)
  }

  @Test("Says that nothing is proven without commands")
  func empty() {
    #expect(SettingsWriter.initialConfig(SetupAnswers()).contains("Nothing is proven"))
  }
}
