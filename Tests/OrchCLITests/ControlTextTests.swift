import OrchDomain
import OrchEngine
import OrchStore
import Testing

@testable import OrchCLI

@Suite("What people are told")
struct ControlTextTests {
  @Test func aProjectThatNobodyDrivesHasToBeStarted() {
    #expect(ControlText.done(.resume, nil, isDriven: true) == "Resumed the project")
    #expect(ControlText.done(.resume, nil, isDriven: false).contains("claude-orch start"))
    #expect(ControlText.done(.pause, nil, isDriven: true).contains("claude-orch resume"))
    #expect(ControlText.done(.stop, nil, isDriven: true).contains("claude-orch start"))
  }

  @Test(arguments: [("y", true), ("YES", true), ("n", false), ("No", false)])
  func onboardUnderstands(_ answer: String, _ meaning: Bool) { #expect(Prompt.isYes(answer) == meaning) }

  @Test func onboardAsksAgainAboutTheRest() { #expect(Prompt.isYes("maybe") == nil && Prompt.isYes("") == nil) }

  @Test func doctorShowsEachFindingOnOneSafeLine() {
    let line = FindingText.line(Finding("database", .error, "two\nlines and \u{1B}[31mred"))
    #expect(line.hasPrefix("error    database"))
    #expect(line.filter { $0 == "\n" }.count == 1 && !line.contains("\u{1B}"))
  }
}
