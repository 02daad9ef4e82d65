import OrchDomain

/// The sections of `[notifications]`.
extension KeyTable {
  static let notifications: [Section] = [
    Section(
      name: "notifications",
      summary: "Who is told what. A secret may be written as `$NAME`, a variable of the environment.",
      keys: [
        .flag("desktop", \.notifications.desktop, "Show notices on the desktop, where there is one"),
        .optionalText(
          "slack_webhook", \.notifications.slackWebhook, takes: "URL", isSecret: true,
          "Address of a Slack webhook; a secret; empty means none"),
        .integer(
          "max_per_hour", \.notifications.maxPerHour, 1...1000,
          "Messages of one channel in any hour; what is more goes together with the last one"),
        .optionalDuration(
          "digest", \.notifications.digest, upTo: .seconds(86_400),
          "How long a notice waits for others, to go with them in one message; `0s` means not at all"),
        .duration(
          "link_expiry", \.notifications.linkExpiry, .seconds(60)...(.seconds(7 * 86_400)),
          "How long the link in a notice can approve or reject a change; there are links with `[web] public_url`"),
        .optionalText(
          "quiet_hours", \.notifications.quietHours, takes: "HH:MM-HH:MM",
          "Local hours in which nothing is sent; it goes when they are over; empty means none"),
      ]),
    Section(
      name: "notifications.ntfy", summary: "Pushes by ntfy.",
      keys: [
        .optionalText(
          "url", \.notifications.ntfy.url, takes: "URL", isSecret: true,
          "Address of the topic, such as https://ntfy.sh/TOPIC; empty means none"),
        .optionalText("token", \.notifications.ntfy.token, isSecret: true, "Access token, for topics that need one"),
      ]),
    Section(
      name: "notifications.telegram", summary: "Messages by a Telegram bot.",
      keys: [
        .optionalText(
          "bot_token", \.notifications.telegram.botToken, isSecret: true, "Token of the bot; empty means none"),
        .optionalText("chat_id", \.notifications.telegram.chatID, "Chat that it writes to"),
        .text("api_url", \.notifications.telegram.apiURL, takes: "URL", "Server of the bot's API"),
      ]),
    Section(
      name: "notifications.webhook", summary: "Notices as JSON to a server of your own.",
      keys: [
        .optionalText("url", \.notifications.webhook.url, takes: "URL", isSecret: true, "Address; empty means none"),
        .optionalText(
          "secret", \.notifications.webhook.secret, isSecret: true,
          "Key of the HMAC-SHA256 of the body in `X-Claude-Orch-Signature`"),
      ]),
    Section(
      name: "notifications.email", summary: "E-mail by the mail system of this machine.",
      keys: [
        .texts("to", \.notifications.email.to, takes: "array of addresses", "Who gets it; empty means nobody"),
        .optionalText("from", \.notifications.email.from, takes: "address", "Sender; empty means the first of `to`"),
        .text("sendmail", \.notifications.email.sendmail, takes: "path", "Program that takes the message"),
        .optionalText(
          "smtp", \.notifications.email.smtp, takes: "HOST:PORT",
          "Mail server on this machine instead, such as localhost:25; without encryption and login"),
      ]),
    Section(
      name: "notifications.routes",
      summary: "Which channels tell what: desktop, slack, ntfy, telegram, webhook, email, or * for all.",
      keys: [
        route(
          "needs_you", \.notifications.routes.needsYou,
          "A change waits for a review, a task is stuck, or an agent asks something"),
        route("failed", \.notifications.routes.failed, "A task has failed"),
        route("landed", \.notifications.routes.landed, "Work is on the base branch"),
        route("limit", \.notifications.routes.limit, "80 % or all of a limit is used"),
        route("agent", \.notifications.routes.agent, "The login or account of an agent was refused"),
        route("batch", \.notifications.routes.batch, "A batch with `notify_on_complete` has ended: its report"),
        route("missed", \.notifications.routes.missed, "A due time got no run, or nobody drove the project"),
      ]),
  ]

  private static func route(
    _ path: String, _ place: KeySpec<Settings>.Place<[String]>, _ summary: String
  ) -> KeySpec<Settings> {
    let names = ["*", "desktop", "slack", "ntfy", "telegram", "webhook", "email"]
    let rule = TextRule(expected: "one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")) { names.contains($0) }
    return .texts(path, place, rule: rule, takes: "array of channels", summary)
  }
}
