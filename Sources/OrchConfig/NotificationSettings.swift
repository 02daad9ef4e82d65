/// `[notifications]`: who is told what, and how. Secrets may be written as `$NAME`, a variable of the environment.
package struct NotificationSettings: Hashable, Sendable {
  package var desktop = true
  /// A secret: whoever has the address can post.
  package var slackWebhook: String?
  /// Messages of one channel in any hour; the rest goes together.
  package var maxPerHour = 20
  package var digest: Duration?
  /// `22:00-07:00`.
  package var quietHours: String?
  /// How long a link that decides a change can be used.
  package var linkExpiry: Duration = .seconds(12 * 3600)
  package var ntfy = Ntfy()
  package var telegram = Telegram()
  package var webhook = Webhook()
  package var email = Email()
  package var routes = Routes()

  package init() {}

  package struct Ntfy: Hashable, Sendable {
    package var url: String?
    package var token: String?
  }

  package struct Telegram: Hashable, Sendable {
    package var botToken: String?
    package var chatID: String?
    package var apiURL = "https://api.telegram.org"
  }

  package struct Webhook: Hashable, Sendable {
    package var url: String?
    package var secret: String?
  }

  package struct Email: Hashable, Sendable {
    package var to: [String] = []
    package var from: String?
    package var sendmail = "/usr/sbin/sendmail"
    /// `HOST:PORT` of this machine; nil for ``sendmail``.
    package var smtp: String?
  }

  /// The channels for each kind of notice; `*` stands for all.
  package struct Routes: Hashable, Sendable {
    package var needsYou = ["*"]
    package var failed = ["*"]
    package var landed: [String] = []
    package var limit = ["*"]
    package var agent = ["*"]
    package var batch = ["*"]
    package var missed = ["*"]
  }
}
