import Foundation
import OrchDomain
import OrchWeb
import Testing

@testable import OrchNotify

/// What each channel sends, to real receivers of this machine where there is one.
@Suite("Channels", .serialized)
struct ChannelTests {
  static let title = "a/E01: \"it's\" `$(id)` <b>&amp; *bold* _x_"
  static let body = "first 'line'\nsecond \"line\" <!channel> @everyone [x](http://y) `rm -rf`\n.\n漢字 😀"
  static let notice = Notice(
    ids: ["p-7"], kind: .needsYou, project: "p", title: title, body: body,
    at: Timestamp(milliseconds: 1_700_000_000_000))

  private static func json(_ message: [String: Any]) throws -> [String: Any] {
    let text = try #require(message["body"] as? String)
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("Over HTTP every text arrives as it was, and means nothing to the receiver")
  func overHTTP() async throws {
    let receiver = try await Receiver.http()
    let base = "http://127.0.0.1:\(receiver.port)"
    for channel in [
      Channel.slack(webhook: "\(base)/services/T0/B0"), .ntfy(url: "\(base)/topic", token: "tk_1"),
      .telegram(api: base, token: "12:ab", chat: "-5"), .webhook(url: "\(base)/hook", secret: "key"),
    ] { try await channel.send(Self.notice) }
    let got = try await receiver.messages(4)
    try await receiver.end()
    #expect(got.map { $0["path"] as? String } == ["/services/T0/B0", "/", "/bot12:ab/sendMessage", "/hook"])
    let slack = try Self.json(got[0])
    let blocks = try #require(slack["blocks"] as? [[String: Any]])
    let texts = blocks.compactMap { $0["text"] as? [String: Any] }
    #expect(texts.map { $0["type"] as? String } == ["plain_text", "plain_text"])
    #expect(texts.map { $0["text"] as? String } == [Self.title, Self.body])
    #expect((slack["text"] as? String)?.contains("<") == false)
    let ntfy = try Self.json(got[1])
    #expect(ntfy["topic"] as? String == "topic" && ntfy["title"] as? String == Self.title)
    #expect(ntfy["message"] as? String == Self.body && ntfy["markdown"] == nil)
    #expect((got[1]["headers"] as? [String: Any])?["authorization"] as? String == "Bearer tk_1")
    let telegram = try Self.json(got[2])
    #expect(telegram["text"] as? String == Self.title + "\n\n" + Self.body && telegram["parse_mode"] == nil)
    #expect(try Self.json(got[3])["body"] as? String == Self.body)
    let signature = (got[3]["headers"] as? [String: Any])?["x-claude-orch-signature"] as? String
    let text = try #require(got[3]["body"] as? String)
    #expect(signature == "sha256=" + HMAC.hex(text.utf8, key: Array("key".utf8)))
  }

  @Test("HMAC is that of RFC 4231")
  func hmac() {
    #expect(
      HMAC.hex("what do ya want for nothing?".utf8, key: Array("Jefe".utf8))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      HMAC.hex("Test Using Larger Than Block-Size Key - Hash Key First".utf8, key: [UInt8](repeating: 0xaa, count: 131))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  @Test("A refusal names the status and the wish to be left alone, and no secret")
  func refusal() async throws {
    let receiver = try await Receiver.http(isDown: true)
    let channel = Channel.ntfy(url: "http://127.0.0.1:\(receiver.port)/secret-topic", token: "s3cr3t-token")
    let failure = await #expect(throws: NoticeFailure.self) { try await channel.send(Self.notice) }
    #expect(failure?.description.contains("status 503") == true && failure?.retryAfter == .seconds(7))
    #expect(failure?.description.contains("s3cr3t") == false)
    try await receiver.end()
    let gone = Channel.slack(webhook: "http://127.0.0.1:1/services/very-secret")
    let unreachable = await #expect(throws: NoticeFailure.self) { try await gone.send(Self.notice) }
    #expect(unreachable?.description.contains("very-secret") == false)
  }

  @Test("A secret is sent encrypted, or nowhere else than to this machine")
  func addresses() {
    for good in ["https://hooks.slack.com/x", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:9/x"] {
      #expect(Channel.isAddress(good))
    }
    for bad in [
      "http://example.org/x", "http://localhost.evil.org/", "http://127.0.0.1.evil.org", "ftp://x", "https://", "",
    ] {
      #expect(!Channel.isAddress(bad), "\(bad)")
    }
  }

  @Test("Texts are arguments of the desktop's program, never part of a script")
  func desktop() throws {
    let linux = Channel.desktopArguments("/usr/bin/notify-send", Self.notice)
    #expect(linux[0...2] == ["--app-name=claude-orch", "--", Self.title])
    #expect(!linux[3].contains("<"))
    let mac = Channel.desktopArguments("/usr/bin/osascript", Self.notice)
    #expect(mac.suffix(2) == [Self.title, Self.body] && mac.dropLast(2).allSatisfy { !$0.contains("E01") })
  }

  @Test(
    "Only plain addresses are written to",
    arguments: [
      ("you@example.org", true), ("a.b+c@x-y.org", true), ("-oQ/tmp@x", false), ("a b@x", false),
      ("a@x\nBcc: c@d", false),
      ("a@b@c", false), ("<a@b>", false), ("a", false), ("a@b,c@d", false), ("", false),
    ] as [(String, Bool)])
  func mailAddresses(text: String, isGood: Bool) { #expect(Mail.isAddress(text) == isGood) }

  @Test("sendmail gets the message on its standard input, with title and body whole and no header more")
  func sendmail() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { do { try FileManager.default.removeItem(at: directory) } catch { print("\(error)") } }
    let program = directory.appending(path: "sendmail").path
    try Data("#!/bin/sh\ncat >'\(directory.path)/got'\nprintf '%s\\n' \"$@\" >'\(directory.path)/args'\n".utf8)
      .write(to: URL(filePath: program))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let mail = Mail(to: ["you@example.org"], from: "me@example.org", way: .sendmail(program))
    try await Channel.mail(mail).send(Self.notice)
    let arguments = try String(contentsOf: directory.appending(path: "args"), encoding: .utf8)
    #expect(arguments == "-i\n-f\nme@example.org\n--\nyou@example.org\n")
    let message = try String(contentsOf: directory.appending(path: "got"), encoding: .utf8)
    let parts = message.components(separatedBy: "\n\n")
    #expect(parts[0].contains("\nTo: you@example.org\n") && parts[0].components(separatedBy: "Subject:").count == 2)
    let content = try #require(Data(base64Encoded: parts[1].replacing("\n", with: "")))
    #expect(String(decoding: content, as: UTF8.self) == Self.body + "\n")
  }

  @Test("A mail server gets title and body as they were", arguments: Receiver.mailServers)
  func overSMTP(server: String) async throws {
    let receiver = try await Receiver.smtp(server)
    let mail = Mail(
      to: ["you@example.org", "them@example.org"], from: "me@example.org",
      way: .smtp(host: "127.0.0.1", port: receiver.port))
    for _ in 0..<2 { try await Channel.mail(mail).send(Self.notice) }
    let got = try await receiver.messages(2)
    try await receiver.end()
    for message in got {
      #expect(message["to"] as? [String] == ["you@example.org", "them@example.org"])
      #expect(message["subject"] as? String == Self.title)
      #expect((message["body"] as? String)?.replacing("\r\n", with: "\n") == Self.body + "\n")
    }
    #expect(
      got.map { $0["id"] as? String } == ["<p-7@example.org>", "<p-7@example.org>"], "the same mail is known again")
  }

  @Test("A mail server that refuses or is not there is named with what it says")
  func noMail() async throws {
    let receiver = try await Receiver.smtp("full")
    let mail = { (port: Int) in
      Mail(to: ["you@example.org"], from: "me@example.org", way: .smtp(host: "127.0.0.1", port: port))
    }
    let full = await #expect(throws: NoticeFailure.self) {
      try await Channel.mail(mail(receiver.port)).send(Self.notice)
    }
    #expect(full?.description == "the mail server says: 452 4.2.2 mailbox is full")
    try await receiver.end()
    let gone = await #expect(throws: NoticeFailure.self) { try await Channel.mail(mail(1)).send(Self.notice) }
    #expect(gone?.description.contains("does not answer") == true)
  }
}
