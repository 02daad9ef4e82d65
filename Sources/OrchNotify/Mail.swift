import OrchDomain
import OrchProcess

/// E-mail, by the mail system of this machine: a program like sendmail, or a server that listens here.
package struct Mail: Hashable, Sendable {
  package enum Way: Hashable, Sendable {
    /// A whole path.
    case sendmail(String)
    /// On this machine only: nothing is encrypted and nobody logs in.
    case smtp(host: String, port: Int)
  }

  package var to: [String]
  package var from: String
  package var way: Way

  package init(to: [String], from: String, way: Way) {
    self.to = to
    self.from = from
    self.way = way
  }

  /// Whether it is one plain address, which can be no option and no second header.
  package static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-".utf8)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(allowed.contains) }
      && text.first != "-" && text.utf8.count <= 254
  }

  func send(_ notice: Notice) async throws(NoticeFailure) {
    guard !to.isEmpty, ([from] + to).allSatisfy(Self.isAddress) else {
      throw NoticeFailure("`to` and `from` must be plain addresses such as you@example.org")
    }
    switch way {
    case .smtp(let host, let port): try await SMTPSession(host: host, port: port).send(self, text(notice))
    case .sendmail(let program):
      do {
        let result = try await CommandRunner().run(
          Command(
            executable: program, arguments: ["-i", "-f", from, "--"] + to,
            environment: ["PATH": "/usr/sbin:/usr/bin:/bin"],
            input: Array(text(notice).replacing("\r\n", with: "\n").utf8), timeout: .seconds(60), outputLimit: 1 << 16))
        guard case .code(0) = result.exit else {
          throw NoticeFailure("\(program) failed: \(SafeText.line(result.errorText, limit: 200))")
        }
      } catch let failure as NoticeFailure {
        throw failure
      } catch {
        throw NoticeFailure("\(program) cannot be started: \(SafeText.line("\(error)", limit: 200))")
      }
    }
  }

  /// The message. Title and body are encoded, so neither can end a line, a header or the message.
  func text(_ notice: Notice) -> String {
    let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
    let headers = [
      "Date: \(Self.date(notice.at))", "From: \(from)", "To: \(to.joined(separator: ", "))",
      "Subject: \(Self.header(notice.title))", "Message-ID: <\(notice.id)@\(domain)>", "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
    ]
    let body = Base64.encode(Array((notice.text(.max) + "\n").utf8))
    var lines: [String] = []
    var rest = body[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(76)))
      rest = rest.dropFirst(76)
    }
    return (headers + [""] + lines).joined(separator: "\r\n") + "\r\n"
  }

  /// RFC 2047, in words of at most 75 characters.
  private static func header(_ text: String) -> String {
    var words: [String] = []
    var word: [UInt8] = []
    for character in text {
      if word.count + character.utf8.count > 42 {
        words.append("=?utf-8?B?\(Base64.encode(word))?=")
        word = []
      }
      word += Array(character.utf8)
    }
    return (words + ["=?utf-8?B?\(Base64.encode(word))?="]).joined(separator: "\r\n ")
  }

  /// RFC 5322: `Fri, 27 Nov 2026 23:36:54 +0000`.
  private static func date(_ moment: Timestamp) -> String {
    let (date, time) = moment.civil
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(days[date.weekday]), \(date.day) \(months[date.month - 1]) \(pad(date.year, 4)) "
      + "\(pad(time.hour)):\(pad(time.minute)):\(pad(time.second)) +0000"
  }
}

/// Base 64 of RFC 4648.
enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      let part = bytes[place..<min(place + 3, bytes.count)]
      let word = part.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
      for digit in 0..<4 {
        result.append(digit <= part.count ? digits[Int(word >> UInt32(18 - 6 * digit) & 63)] : UInt8(ascii: "="))
      }
      place += 3
    }
    return String(decoding: result, as: UTF8.self)
  }
}
