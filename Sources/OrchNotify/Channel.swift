import OrchDomain
package import OrchWeb
import OrchProcess

/// A way to people. Each knows how to make plain text of what means something to its receiver.
package enum Channel: Hashable, Sendable {
  case desktop(program: String, environment: [String: String])
  case slack(webhook: String)
  /// - Parameter url: Of the topic, such as `https://ntfy.sh/TOPIC`.
  case ntfy(url: String, token: String?)
  case telegram(api: String, token: String, chat: String)
  case webhook(url: String, secret: String?)
  case mail(Mail)

  package var name: String {
    switch self {
    case .desktop: "desktop"
    case .slack: "slack"
    case .ntfy: "ntfy"
    case .telegram: "telegram"
    case .webhook: "webhook"
    case .mail: "email"
    }
  }

  /// Whether a link that is a secret may go by it. What a desktop shows is an argument that other users can list.
  package var carriesLinks: Bool {
    if case .desktop = self { false } else { true }
  }

  /// How many characters of a body it takes; nil when it takes any, or only shows the beginning.
  package var bodyLimit: Int? {
    switch self {
    case .slack: 3000
    case .ntfy: 3800
    case .telegram: 3700
    case .desktop, .webhook, .mail: nil
    }
  }

  /// - Throws: ``NoticeFailure`` when the receiver did not say that it has taken the notice.
  package func send(_ notice: Notice, over transport: HTTPTransport = .live) async throws(NoticeFailure) {
    switch self {
    case .desktop(let program, let environment): try await show(notice, program, environment)
    case .mail(let mail): try await mail.send(notice)
    case .slack, .ntfy, .telegram, .webhook:
      guard var call = call(for: notice) else { throw NoticeFailure("its address cannot be used") }
      call.timeout = .seconds(15)
      call.limit = 1 << 20
      let answer: HTTPAnswer
      do {
        answer = try await transport.send(call)
      } catch {
        throw NoticeFailure("no answer: \(masked(error.description))")
      }
      guard (200..<300).contains(answer.status) else {
        let wait = answer.headers["retry-after"].flatMap { Int($0) }.map { Duration.seconds(max(1, min($0, 86_400))) }
        throw NoticeFailure(
          "status \(answer.status): \(masked(SafeText.line(answer.text, limit: 200)))", retryAfter: wait)
      }
    }
  }

  /// Addresses of these services are secrets: whoever has one can post.
  private var secrets: [String] {
    switch self {
    case .desktop, .mail: []
    case .slack(let webhook): [webhook]
    case .ntfy(let url, let token): [url, token ?? "", url.split(separator: "/").last.map(String.init) ?? ""]
    case .telegram(_, let token, let chat): [token, chat]
    case .webhook(let url, let secret): [url, secret ?? ""]
    }
  }

  private func masked(_ text: String) -> String {
    secrets.filter { $0.count > 3 }.reduce(text) { $0.replacing($1, with: "***") }
  }

  // MARK: HTTP

  /// The request for a notice; nil for an address that is none.
  func call(for notice: Notice) -> HTTPCall? {
    switch self {
    case .desktop, .mail: return nil
    case .slack(let webhook):
      // Blocks of plain text: Slack interprets nothing in them. The text beside them is for lists and small screens.
      let block = { (kind: String, text: String) in
        JSONValue.object([
          .init("type", .string(kind)),
          .init(
            "text",
            .object([.init("type", "plain_text"), .init("text", .string(text)), .init("emoji", .bool(false))])),
        ])
      }
      let blocks =
        [block("header", Self.cut(notice.title, 150))]
        + (notice.body.isEmpty ? [] : [block("section", Self.cut(notice.body, bodyLimit ?? 0))])
        + (notice.link.map { [Self.slackButton($0)] } ?? [])
      return post(
        webhook, .object([.init("text", .string(Self.slack(notice.title))), .init("blocks", .array(blocks))]))
    case .ntfy(let url, let token):
      guard let slash = url.lastIndex(of: "/"), url.index(after: slash) < url.endIndex else { return nil }
      // As JSON to the server itself: headers hold no text beyond ASCII.
      let body = JSONValue.object(
        [
          .init("topic", .string(String(url[url.index(after: slash)...]))), .init("title", .string(notice.title)),
          .init("message", .string(notice.body.isEmpty ? notice.title : Self.cut(notice.body, bodyLimit ?? 0))),
          .init("tags", .array([.string(notice.kind.rawValue)])),
        ] + (notice.link.map { [.init("click", .string($0))] } ?? []))
      return post(String(url[..<slash]) + "/", body, token.map { ["authorization": "Bearer \($0)"] } ?? [:])
    case .telegram(let api, let token, let chat):
      // Without a parse mode the text is text.
      let body = notice.text(bodyLimit ?? 0)
      let text = notice.title + (body.isEmpty ? "" : "\n\n" + body)
      return post(
        "\(api)/bot\(token)/sendMessage",
        .object([
          .init("chat_id", .string(chat)), .init("text", .string(text)),
          .init("link_preview_options", .object([.init("is_disabled", .bool(true))])),
        ]))
    case .webhook(let url, let secret):
      let body = JSONValue.object(
        [
          .init("id", .string(notice.id)), .init("ids", .array(notice.ids.map { .string($0) })),
          .init("kind", .string(notice.kind.rawValue)),
          .init("project", .string(notice.project)), .init("title", .string(notice.title)),
          .init("body", .string(notice.body)), .init("at", .string(notice.at.rfc3339)),
        ] + (notice.link.map { [.init("link", .string($0))] } ?? []))
      let signature = secret.map { secret in
        "sha256=" + HMAC.hex(body.text().utf8, key: Array(secret.utf8))
      }
      return post(url, body, signature.map { ["x-claude-orch-signature": $0] } ?? [:])
    }
  }

  private func post(_ url: String, _ body: JSONValue, _ headers: [String: String] = [:]) -> HTTPCall? {
    guard Self.isAddress(url) else { return nil }
    return HTTPCall(
      method: "POST", url: url,
      headers: headers.merging(["content-type": "application/json", "user-agent": "claude-orch"]) { $1 },
      body: Array(body.text().utf8))
  }

  /// Whether a secret may be sent there: encrypted, or to this machine.
  package static func isAddress(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return url.count > 8 }
    let hosts = ["127.0.0.1", "localhost", "[::1]"]
    return hosts.contains { host in
      url == "http://\(host)" || url.hasPrefix("http://\(host):") || url.hasPrefix("http://\(host)/")
    }
  }

  /// At most so many characters. A line with a link is whole or not there.
  static func cut(_ text: String, _ limit: Int) -> String {
    guard text.count > limit else { return text }
    let part = text.prefix(max(0, limit - 1))
    let start = part.lastIndex(of: "\n").map(text.index(after:)) ?? text.startIndex
    return text[start...].prefix { $0 != "\n" }.contains("/decide/") ? text[..<start] + "…" : part + "…"
  }

  /// A button that opens a page.
  private static func slackButton(_ url: String) -> JSONValue {
    [
      "type": "actions",
      "elements": [
        ["type": "button", "text": ["type": "plain_text", "text": "Decide"], "url": .string(url)]
      ],
    ]
  }

  /// Slack's own three characters.
  static func slack(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  // MARK: Desktop

  private func show(
    _ notice: Notice, _ program: String, _ environment: [String: String]
  ) async throws(NoticeFailure) {
    let arguments = Self.desktopArguments(program, notice)
    do {
      let result = try await CommandRunner().run(
        Command(
          executable: program, arguments: arguments, environment: environment, timeout: .seconds(10),
          outputLimit: 1 << 16))
      guard case .code(0) = result.exit else {
        throw NoticeFailure("\(program) failed: \(SafeText.line(result.errorText, limit: 200))")
      }
    } catch let failure as NoticeFailure {
      throw failure
    } catch {
      throw NoticeFailure("\(program) cannot be started: \(SafeText.line("\(error)", limit: 200))")
    }
  }

  /// The texts are arguments of the script, never part of it; servers of notifications read a little HTML.
  static func desktopArguments(_ program: String, _ notice: Notice) -> [String] {
    let body = cut(notice.body, 500)
    if program.hasSuffix("osascript") {
      let script = ["on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run"]
      return script.flatMap { ["-e", $0] } + ["--", notice.title, body]
    }
    return ["--app-name=claude-orch", "--", notice.title, slack(body)]
  }
}
