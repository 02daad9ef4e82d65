import Foundation
import OrchDomain
import OrchWeb
import Testing

@testable import OrchNotify

/// How each channel carries the link of a notice, and how it never carries a part of one.
@Suite("Links in notices")
struct LinkNoticeTests {
  private static let link = "https://orch.example/decide/" + String(repeating: "a", count: 180)

  private static func notice(body: String = "b", link: String? = link) -> Notice {
    Notice(
      ids: ["p-7"], kind: .needsYou, project: "p", title: "a/E01 waits", body: body,
      at: Timestamp(milliseconds: 1_700_000_000_000), link: link)
  }

  private static let base = "http://127.0.0.1:1"
  private static let channels = [
    Channel.slack(webhook: "\(base)/s"), .ntfy(url: "\(base)/topic", token: nil),
    .telegram(api: base, token: "1:a", chat: "5"), .webhook(url: "\(base)/h", secret: nil),
  ]

  private static func body(_ channel: Channel, _ notice: Notice) throws -> [String: Any] {
    let call = try #require(channel.call(for: notice))
    return try #require(try JSONSerialization.jsonObject(with: Data(call.body ?? [])) as? [String: Any])
  }

  @Test(
    "The link is a button, a click, the last line or a field, and is whole whatever the text",
    arguments: [1, 3000, 20_000])
  func carried(length: Int) throws {
    let notice = Self.notice(body: String(repeating: "x", count: length))
    let slack = try #require(try Self.body(Self.channels[0], notice)["blocks"] as? [[String: Any]])
    let button = try #require(slack.last?["elements"] as? [[String: Any]]).first
    #expect(slack.last?["type"] as? String == "actions" && button?["url"] as? String == Self.link)
    #expect(try Self.body(Self.channels[1], notice)["click"] as? String == Self.link)
    let telegram = try Self.body(Self.channels[2], notice)
    let text = try #require(telegram["text"] as? String)
    #expect(text.hasSuffix("\nDecide: \(Self.link)") && text.utf16.count <= 4096)
    #expect((telegram["link_preview_options"] as? [String: Bool]) == ["is_disabled": true])
    #expect(try Self.body(Self.channels[3], notice)["link"] as? String == Self.link)
    #expect(notice.text(.max).hasSuffix("\n\nDecide: \(Self.link)"))
  }

  @Test("A notice without a link has none")
  func without() throws {
    for channel in Self.channels {
      let call = try #require(channel.call(for: Self.notice(link: nil)))
      let text = String(decoding: call.body ?? [], as: UTF8.self)
      #expect(!text.contains("Decide") && !text.contains("\"click\"") && !text.contains("\"link\""), "\(text)")
    }
  }

  @Test("What other users of the machine can list has no link")
  func desktop() {
    #expect(!Channel.desktop(program: "/usr/bin/notify-send", environment: [:]).carriesLinks)
    #expect(!Self.channels.contains { !$0.carriesLinks })
    for program in ["/usr/bin/notify-send", "/usr/bin/osascript"] {
      #expect(Channel.desktopArguments(program, Self.notice()).allSatisfy { !$0.contains("/decide/") })
    }
  }

  @Test("A list of notices that is too long is cut before a link, not within")
  func cut() {
    let line = "- a/E01 waits\n  Decide: \(Self.link)"
    let list = Array(repeating: line, count: 4).joined(separator: "\n")
    for limit in 0...list.count {
      let text = Channel.cut(list, limit)
      #expect(text.count <= max(1, limit))
      for part in text.split(separator: "\n") where part.contains("Decide") {
        #expect(part == "  Decide: \(Self.link)" || part.hasSuffix("…"), "\(limit)")
        #expect(!part.hasSuffix("…") || !part.contains("/decide/"), "\(limit): \(part)")
      }
    }
    #expect(Channel.cut(list, list.count) == list)
    #expect(Channel.cut("abc", 2) == "a…" && Channel.cut("abc", 0) == "…")
  }

  @Test("What a receiver said to a message with a link is left out of the failure that is kept")
  func failure() {
    let failure = NoticeFailure("status 503: I got \(Self.link)", retryAfter: .seconds(7))
    #expect(failure.withoutAnswer == NoticeFailure("status 503", retryAfter: .seconds(7)))
    #expect(NoticeFailure("the mail server hung up").withoutAnswer.description == "the mail server hung up")
  }
}
