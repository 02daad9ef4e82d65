import NIOCore
import NIOPosix
import OrchDomain

/// Hands one message to a mail server of this machine. Source: RFC 5321.
struct SMTPSession: Sendable {
  let host: String
  let port: Int

  private static let patience = TimeAmount.seconds(30)

  func send(_ mail: Mail, _ text: String) async throws(NoticeFailure) {
    guard ["127.0.0.1", "::1", "localhost"].contains(host) else {
      throw NoticeFailure("the mail server must be one of this machine; use sendmail for others")
    }
    var hasTaken = false
    do {
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(.seconds(10))
        .connect(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
      let deadline = channel.channel.eventLoop.scheduleTask(in: Self.patience) { channel.channel.close(promise: nil) }
      defer { deadline.cancel() }
      try await channel.executeThenClose { input, output in
        var replies = Replies(input: input.makeAsyncIterator())
        try await replies.expect(220)
        var commands = [("EHLO localhost", 250), ("MAIL FROM:<\(mail.from)>", 250)]
        commands += mail.to.map { ("RCPT TO:<\($0)>", 250) }
        commands += [("DATA", 354), (Self.stuffed(text) + ".", 250)]
        for (command, code) in commands {
          try await output.write(ByteBuffer(string: command + "\r\n"))
          try await replies.expect(code)
        }
        hasTaken = true
        try await output.write(ByteBuffer(string: "QUIT\r\n"))
        try await replies.expect(221)
      }
    } catch {
      // Who has taken the message may hang up without a farewell; asking again would send it twice.
      if hasTaken { return }
      if let failure = error as? NoticeFailure { throw failure }
      throw NoticeFailure("the mail server does not answer: \(SafeText.line("\(error)", limit: 200))")
    }
  }

  /// A line that begins with a dot would end the message.
  private static func stuffed(_ text: String) -> String {
    text.split(separator: "\r\n", omittingEmptySubsequences: false).map { $0.hasPrefix(".") ? "." + $0 : String($0) }
      .joined(separator: "\r\n")
  }

  /// What the server says, line by line.
  private struct Replies {
    var input: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var rest: [UInt8] = []

    init(input: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.input = input }

    mutating func expect(_ code: Int) async throws {
      while true {
        let line = try await line()
        // A hyphen behind the code says that more lines follow.
        if line.dropFirst(3).first == "-" { continue }
        guard line.hasPrefix("\(code)") else {
          throw NoticeFailure("the mail server says: \(SafeText.line(line, limit: 200))")
        }
        return
      }
    }

    private mutating func line() async throws -> String {
      while true {
        if let end = rest.firstIndex(of: 0x0A) {
          let line = String(decoding: rest[..<end], as: UTF8.self)
          rest.removeFirst(end + 1)
          return line
        }
        guard let more = try await input.next(isolation: #isolation) else {
          throw NoticeFailure("the mail server hung up")
        }
        rest += Array(more.readableBytesView)
        guard rest.count < 1 << 16 else { throw NoticeFailure("the mail server says too much") }
      }
    }
  }
}
