@testable import OrchCLI
import OrchDomain
import OrchStore
import Testing

@Suite struct EventLogTests {
  @Test func aLineHoldsEverythingAndNothingThatATerminalObeys() {
    let event = event(
      .taskState, "{\"from\":\"ready\",\"n\":[1,2],\"none\":null,\"reason\":\"\u{9B}31m x\"}", attempt: 2)
    #expect(
      EventLog.line(event)
        == "     7  2023-11-14T22:13:20Z  a/E01             task.state #2  from=ready  n=[1,2]  reason=\\u{9b}31m x\n")
  }

  @Test func jsonKeepsNestedDataAndItsOwnNames() {
    let event = event("x", #"{"b":{"k":[true,null,1.5,"s"]},"seq":99,"a":1}"#, task: nil)
    #expect(
      EventLog.json(event).text()
        == #"{"type":"x","seq":7,"at":"2023-11-14T22:13:20Z","task":null,"attempt":null,"a":1,"#
        + #""b":{"k":[true,null,1.5,"s"]},"hash":"abc"}"#)
  }

  @Test func dataThatSomebodyBrokeIsShownAsItIs() {
    #expect(EventLog.line(event("x", "not json")).hasSuffix("  x  data=not json\n"))
    #expect(EventLog.json(event("x", "[1]"))["data"] == .string("[1]"))
  }

  @Test func theChainsStateIsToldInBothWays() {
    let intact = ChainReport(status: .intact(events: 3, dropped: 2))
    #expect(
      JSONValue.object(intact.members).text()
        == #"{"intact":true,"events":3,"dropped":2,"seq":null,"reason":null}"#)
    #expect(intact.text.contains("3 events") && intact.text.contains("2 older ones"))
    let broken = ChainReport(status: .broken(seq: 5, reason: "r"))
    #expect(
      JSONValue.object(broken.members).text()
        == #"{"intact":false,"events":null,"dropped":null,"seq":5,"reason":"r"}"#)
    #expect(broken.text == "error: the log was changed by somebody, at event 5: r")
  }
}
