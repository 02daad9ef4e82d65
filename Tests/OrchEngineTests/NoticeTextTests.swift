import OrchDomain
import OrchNotify
import Testing

@testable import OrchEngine
@testable import OrchStore

@Suite("What people are told of events")
struct NoticeTextTests {
  private static func event(_ type: EventType, _ data: String) -> StoredEvent {
    StoredEvent(
      seq: 1, at: Timestamp(milliseconds: 0), type: type, task: TaskID("billing/E05"), attempt: nil, data: data,
      previousHash: "", hash: "")
  }

  @Test(
    "Each kind is told to whom it concerns, and nothing else is told",
    arguments: [
      (EventType.taskState, #"{"to":"in_review"}"#, Notice.Kind.needsYou, "billing/E05 waits for your review"),
      (.taskState, #"{"to":"stuck","reason":"r"}"#, .needsYou, "billing/E05 is stuck"),
      (.taskState, #"{"to":"failed"}"#, .failed, "billing/E05 has failed"),
      (.taskState, #"{"to":"complete"}"#, .landed, "billing/E05 has landed"),
      (.taskState, #"{"to":"running"}"#, nil, ""),
      (.taskState, #"{"to":"a state of tomorrow"}"#, nil, ""),
      (.questionAsked, #"{"text":"which?"}"#, .needsYou, "billing/E05 asks you something"),
      (.cooldownSet, #"{"agent":"codex","failure_class":"auth"}"#, .agent, "Agent codex gets no work"),
      (.cooldownSet, #"{"agent":"codex","failure_class":"rate_limit"}"#, nil, ""),
      (.batchMissed, #"{"name":"n","due":0,"reason":"r"}"#, .missed, "Batch n was due and did not run"),
      (.scheduleDecided, "{}", nil, ""),
    ] as [(EventType, String, Notice.Kind?, String)])
  func told(_ type: EventType, _ data: String, _ kind: Notice.Kind?, _ title: String) {
    let text = NoticeText(Self.event(type, data))
    #expect(text?.kind == kind)
    #expect((text?.title ?? "") == title)
    #expect(text == nil || NoticeText.types.contains(type))
  }

  @Test("The words of the question are in its notice")
  func question() {
    #expect(NoticeText(Self.event(.questionAsked, #"{"text":"Euro or dollar?"}"#))?.body == "Euro or dollar?")
  }
}
