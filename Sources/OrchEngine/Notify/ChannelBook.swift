import OrchConfig
import OrchDomain
package import OrchNotify

/// The channels that the configuration describes, and which of them tell what.
package struct ChannelBook: Sendable {
  package let channels: [Channel]
  /// What is wrong with the configuration, for people.
  package let problems: [String]
  /// Names of channels whose secret is not in this environment: what they are to tell waits for somebody who has it.
  private let absent: Set<String>
  private let routes: NotificationSettings.Routes

  init(_ settings: NotificationSettings, environment: [String: String]) {
    var channels: [Channel] = []
    var problems: [String] = []
    var absent: Set<String> = []
    let secret = { (channel: String, text: String?) -> String? in
      guard let text, text.hasPrefix("$") else { return text }
      let name = String(text.dropFirst())
      if let value = environment[name], !value.isEmpty { return value }
      problems.append("[notifications] names the variable '\(SafeText.visible(name))', which is not set")
      absent.insert(channel)
      return nil
    }
    let add = { (channel: Channel, address: String) in
      if absent.contains(channel.name) { return }
      if Channel.isAddress(address) {
        channels.append(channel)
      } else {
        problems.append("the address of '\(channel.name)' must begin with https://, or lead to this machine")
      }
    }
    if settings.desktop, let desktop = Self.desktop(environment) { channels.append(desktop) }
    if let url = secret("slack", settings.slackWebhook) { add(.slack(webhook: url), url) }
    if let url = secret("ntfy", settings.ntfy.url) {
      add(.ntfy(url: url, token: secret("ntfy", settings.ntfy.token)), url)
    }
    if let token = secret("telegram", settings.telegram.botToken) {
      if let chat = settings.telegram.chatID {
        add(.telegram(api: settings.telegram.apiURL, token: token, chat: chat), settings.telegram.apiURL)
      } else {
        problems.append("[notifications.telegram] has a bot_token and no chat_id")
      }
    }
    if let url = secret("webhook", settings.webhook.url) {
      add(.webhook(url: url, secret: secret("webhook", settings.webhook.secret)), url)
    }
    switch Self.mail(settings.email) {
    case .success(let mail?): channels.append(.mail(mail))
    case .success(nil): break
    case .failure(let failure): problems.append(failure.description)
    }
    self.channels = channels
    self.problems = problems
    self.absent = absent
    routes = settings.routes
  }

  /// Where somebody can see it; nil elsewhere.
  private static func desktop(_ environment: [String: String]) -> Channel? {
    let path = environment["PATH"] ?? ""
    if let program = ProgramSearch.find("osascript", path: path) {
      return .desktop(program: program, environment: environment)
    }
    let hasScreen = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
    guard hasScreen, let program = ProgramSearch.find("notify-send", path: path) else { return nil }
    return .desktop(program: program, environment: environment)
  }

  private static func mail(_ settings: NotificationSettings.Email) -> Result<Mail?, NoticeFailure> {
    guard let first = settings.to.first else { return .success(nil) }
    let from = settings.from ?? first
    guard (settings.to + [from]).allSatisfy(Mail.isAddress) else {
      return .failure(NoticeFailure("[notifications.email] takes plain addresses such as you@example.org"))
    }
    guard let smtp = settings.smtp else {
      return .success(Mail(to: settings.to, from: from, way: .sendmail(settings.sendmail)))
    }
    guard let colon = smtp.lastIndex(of: ":"), let port = Int(smtp[smtp.index(after: colon)...]),
      (1...65_535).contains(port)
    else { return .failure(NoticeFailure("[notifications.email] smtp is written HOST:PORT, such as localhost:25")) }
    return .success(Mail(to: settings.to, from: from, way: .smtp(host: String(smtp[..<colon]), port: port)))
  }

  /// Names of the channels that tell notices of a kind.
  package func channels(for kind: Notice.Kind) -> [String] {
    let names =
      switch kind {
      case .needsYou: routes.needsYou
      case .failed: routes.failed
      case .landed: routes.landed
      case .limit: routes.limit
      case .agent: routes.agent
      case .batch: routes.batch
      case .missed: routes.missed
      }
    return (channels.map(\.name) + absent.sorted()).filter { names.contains("*") || names.contains($0) }
  }
}
