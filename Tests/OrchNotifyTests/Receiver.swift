import Foundation
import OrchProcess
import Testing

/// A server in Python on loopback that prints its port, and every message that it gets as one line of JSON.
///
/// It ends with its input, so also with these tests: a signal would not do, because what a thread of Dispatch starts
/// through Foundation inherits its mask, and never hears of SIGTERM.
struct Receiver: Sendable {
  let port: Int
  private let program: Coprocess

  private init(_ script: String, _ arguments: [String]) async throws {
    let environment = ProcessInfo.processInfo.environment
    program = try await Coprocess.start(
      Command(
        executable: "python3", arguments: ["-c", Self.head + script] + arguments,
        environment: environment.filter { ["PATH", "HOME", "PYTHONPATH"].contains($0.key) }, timeout: .seconds(120)))
    let line = try await program.readLine()
    port = try #require(line.flatMap { Int(String(decoding: $0, as: UTF8.self)) }, "the receiver did not start")
  }

  /// - Parameter isDown: Whether it refuses everything, and prints nothing.
  static func http(isDown: Bool = false) async throws -> Receiver { try await Receiver(http, [isDown ? "down" : "up"]) }

  /// - Parameter kind: One of ``mailServers``, or `full`, which takes nothing.
  static func smtp(_ kind: String) async throws -> Receiver {
    try await Receiver(kind == "aiosmtpd" ? aiosmtpd : smtp, [kind])
  }

  /// The next messages, in the order of their arrival.
  func messages(_ count: Int) async throws -> [[String: Any]] {
    var messages: [[String: Any]] = []
    while messages.count < count {
      let line = try #require(try await program.readLine(), "the receiver has ended")
      messages.append(try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]))
    }
    return messages
  }

  func end() async throws { _ = try await program.finish() }

  /// One of our own, and the real one where it is installed.
  static let mailServers: [String] = {
    let search = Process()
    search.executableURL = URL(filePath: "/usr/bin/env")
    search.arguments = ["python3", "-c", "import aiosmtpd"]
    search.standardError = FileHandle.nullDevice
    do { try search.run() } catch { return ["own"] }
    search.waitUntilExit()
    return search.terminationStatus == 0 ? ["own", "rude", "aiosmtpd"] : ["own", "rude"]
  }()

  private static let head = """
    import email, email.policy, json, os, socketserver, sys, threading
    def say(value): print(value if isinstance(value, str) else json.dumps(value), flush=True)
    def end(): sys.stdin.read(); os._exit(0)
    threading.Thread(target=end, daemon=True).start()
    def mail(to, content):
      message = email.message_from_bytes(content, policy=email.policy.default)
      say({"to": to, "subject": message["subject"], "id": message["message-id"], "body": message.get_content()})

    """

  private static let http = """
    import http.server
    class Handler(http.server.BaseHTTPRequestHandler):
      def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        isDown = sys.argv[1] == "down"
        headers = {k.lower(): v for k, v in self.headers.items()}
        if not isDown: say({"path": self.path, "headers": headers, "body": body})
        self.send_response(503 if isDown else 200)
        if isDown: self.send_header("retry-after", "7")
        self.end_headers()
        self.wfile.write(b"token s3cr3t-token is wrong" if isDown else b"ok")
      def log_message(self, *args): pass
    server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
    say(str(server.server_address[1]))
    server.serve_forever()
    """

  /// What RFC 5321 wants of a server, and nothing else.
  private static let smtp = """
    class Handler(socketserver.StreamRequestHandler):
      def answer(self, text): self.wfile.write((text + "\\r\\n").encode())
      def handle(self):
        self.answer("220 here")
        to = []
        while True:
          line = self.rfile.readline().decode().rstrip("\\r\\n")
          verb = line.split(" ")[0].upper()
          if verb == "EHLO": self.answer("250-here"); self.answer("250 8BITMIME")
          elif verb == "MAIL": self.answer("250 ok")
          elif verb == "RCPT":
            isFull = sys.argv[1] == "full"
            to.append(line.split("<")[1].split(">")[0])
            self.answer("452 4.2.2 mailbox is full" if isFull else "250 ok")
          elif verb == "DATA":
            self.answer("354 go on")
            lines = []
            while (line := self.rfile.readline()) != b".\\r\\n":
              assert line.endswith(b"\\r\\n"), line
              lines.append(line[1:] if line.startswith(b".") else line)
            mail(to, b"".join(lines))
            self.answer("250 taken")
            if sys.argv[1] == "rude": return
          elif verb == "QUIT": self.answer("221 bye"); return
          else: return
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    say(str(server.server_address[1]))
    server.serve_forever()
    """

  private static let aiosmtpd = """
    import asyncio
    from aiosmtpd.smtp import SMTP
    class Handler:
      async def handle_DATA(self, server, session, envelope):
        mail(envelope.rcpt_tos, envelope.content)
        return "250 OK"
    async def main():
      server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler(), hostname="here"), "127.0.0.1", 0)
      say(str(server.sockets[0].getsockname()[1]))
      await server.serve_forever()
    asyncio.run(main())
    """
}
