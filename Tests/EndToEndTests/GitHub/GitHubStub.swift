import Foundation

/// A GitHub of our own on loopback: the API that we use, on a real bare repository that git can fetch from and push to.
/// How it answers was taken from the API's description and a stub that is checked against it.
final class GitHubStub: Sendable {
  struct Fault: Sendable {
    enum Kind: Sendable {
      case secondary(Int), primary, status(Int), drop, lostAnswer, delay(Double)
      /// It is done, and half of the answer arrives.
      case halfAnswer
      /// Something happens before it is answered.
      case meanwhile(@Sendable () -> Void)
    }
    /// `POST /repos/acme/app/pulls`, compared with the end; with a `*` behind it, with the beginning.
    var call: String
    var kind: Kind
    var times = 1

    func strikes(_ request: String) -> Bool {
      call.hasSuffix("*") ? request.hasPrefix(call.dropLast()) : request.hasSuffix(call)
    }
  }

  struct Pull {
    var number: Int
    var title, body, head, base, headSHA: String
    var state = "open"
    var isDraft = false
    var isMerged = false
    var mergeCommit: String?
    var labels: [String] = []
    var reviews: [[String: Any]] = []
    var comments: [[String: Any]] = []
    /// Comments that belong to no line.
    var conversation: [[String: Any]] = []
    var changes = 0
    /// The first reading after a change does not know yet.
    var isStale = true
  }

  struct State {
    var pulls: [Int: Pull] = [:]
    var issues: [Int: [String: Any]] = [:]
    var count = 0
    var ids = 1000
    var checks: [String: [[String: Any]]] = [:]
    /// Given to every head that is pushed, by the end of its branch; nil for none.
    var automatic: [String: String] = [:]
    var required: [String] = []
    var faults: [Fault] = []
    var violations: [String] = []
    var log: [String] = []
    var merges = 0
    /// Whether a branch has to be up to date with its base before it is merged.
    var isStrict = false
    /// Branches that were brought up to date, and drafts that were made ready.
    var updates = 0
    var readied = 0
    /// Commit statuses, the newest last.
    var statuses: [String: [[String: Any]]] = [:]
    /// Called before a merge, to get in between.
    var beforeMerge: (@Sendable () -> Void)?
    var tokens: Set<String> = ["stub-token-0123456789abcdef"]
    var drawn = 0
    /// Whether the token may only read.
    var isReadOnly = false
  }

  static let token = "stub-token-0123456789abcdef"
  let state = Guarded(State())
  let directory: String
  private let box: Box

  /// Values that many threads look at, one at a time.
  final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }
    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
      lock.lock()
      defer { lock.unlock() }
      return try body(&value)
    }
  }

  private final class Box: @unchecked Sendable { var server: HTTPServer? }

  init(below path: String) throws {
    directory = "\(path)/github"
    box = Box()
    try FileManager.default.createDirectory(atPath: "\(directory)/acme", withIntermediateDirectories: true)
    _ = Self.git(["init", "--quiet", "--bare", "--initial-branch=main", "acme/app.git"], in: directory)
    _ = Self.git(["config", "http.receivepack", "true"], in: repository)
    box.server = try HTTPServer { [weak self] request in
      self?.answer(request) ?? HTTPServer.Response(status: 503)
    }
  }

  deinit { box.server?.stop() }

  var repository: String { "\(directory)/acme/app.git" }
  var url: String { "http://127.0.0.1:\(box.server?.port ?? 0)" }

  @discardableResult
  static func git(_ arguments: [String], in directory: String, input: Data? = nil) -> (code: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(filePath: directory)
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": directory,
      "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "stub", "GIT_AUTHOR_EMAIL": "stub@example.invalid",
      "GIT_COMMITTER_NAME": "GitHub", "GIT_COMMITTER_EMAIL": "noreply@github.com",
    ]
    let out = Pipe()
    process.standardOutput = out
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { return (127, "\(error)") }
    let text = String(decoding: out.fileHandleForReading.everything(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }

  func git(_ arguments: String...) -> String { Self.git(arguments, in: repository).text }

  func tip(_ branch: String) -> String? {
    let result = Self.git(["rev-parse", "--quiet", "--verify", "refs/heads/\(branch)"], in: repository)
    return result.code == 0 ? result.text : nil
  }

  func add(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }

  /// How often a call was answered, by its method and the end of its path.
  func count(_ method: String, _ suffix: String) -> Int {
    state.withLock { state in state.log.count { $0.hasPrefix("\(method) ") && $0.hasSuffix(suffix) } }
  }

  // MARK: Answering

  private func answer(_ request: HTTPServer.Request) -> HTTPServer.Response {
    if request.path.hasPrefix("/acme/app.git/") { return smartHTTP(request) }
    let call = "\(request.method) \(request.path)"
    let login = request.headers["authorization"] ?? ""
    if request.headers["user-agent"]?.isEmpty != false { violate("no user agent: \(call)") }
    let token = login.split(separator: " ").last.map(String.init) ?? ""
    let isApp = request.path.hasPrefix("/app/") || request.path.hasSuffix("/installation")
    let isKnown = isApp ? token.split(separator: ".").count == 3 : state.withLock { $0.tokens.contains(token) }
    guard isKnown else { return json(401, ["message": "Bad credentials"]) }
    var (isLost, isHalf) = (false, false)
    let fault = state.withLock { state -> Fault.Kind? in
      for (index, fault) in state.faults.enumerated() where fault.times > 0 && fault.strikes(call) {
        state.faults[index].times -= 1
        return fault.kind
      }
      return nil
    }
    switch fault {
    case .secondary(let wait):
      return json(403, ["message": "You have exceeded a secondary rate limit."], ["retry-after": "\(wait)"])
    case .primary:
      return json(
        403, ["message": "API rate limit exceeded"],
        [
          "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": "\(Int(Date().timeIntervalSince1970) + 2)",
        ])
    case .status(let status): return json(status, ["message": "Server Error"])
    case .drop: return HTTPServer.Response(status: 0, isLost: true)
    case .lostAnswer: isLost = true
    case .halfAnswer: isHalf = true
    case .delay(let seconds): Thread.sleep(forTimeInterval: seconds)
    case .meanwhile(let act): act()
    case nil: break
    }
    state.withLock { $0.log.append(call) }
    var response = routes(request)
    if isLost { response.isLost = true }
    if isHalf { response.body = response.body.prefix(response.body.count / 2) }
    response.headers["x-ratelimit-limit"] = "5000"
    response.headers["x-ratelimit-remaining"] = "4000"
    response.headers["x-ratelimit-reset"] = "\(Int(Date().timeIntervalSince1970) + 3600)"
    if request.method == "GET", response.status == 200 {
      // A hash of data has only its first bytes in it.
      let tag = "W/\"\(String(decoding: response.body, as: UTF8.self).hashValue)\""
      response.headers["etag"] = tag
      if request.headers["if-none-match"] == tag {
        response.status = 304
        response.body = Data()
      }
    }
    return response
  }

  func violate(_ text: String) { state.withLock { $0.violations.append(text) } }

  func json(_ status: Int, _ value: Any, _ headers: [String: String] = [:]) -> HTTPServer.Response {
    let body = (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])) ?? Data()
    return HTTPServer.Response(
      status: status, headers: headers.merging(["content-type": "application/json"]) { $1 }, body: body)
  }

  /// git's own server behind the socket.
  private func smartHTTP(_ request: HTTPServer.Request) -> HTTPServer.Response {
    guard let login = request.headers["authorization"], login.hasPrefix("Basic "),
      let pair = Data(base64Encoded: String(login.dropFirst(6))).map({ String(decoding: $0, as: UTF8.self) }),
      pair.hasPrefix("x-access-token:"),
      state.withLock({ $0.tokens.contains(String(pair.dropFirst(15))) })
    else { return HTTPServer.Response(status: 401, headers: ["www-authenticate": "Basic realm=\"stub\""]) }
    if state.withLock({ $0.isReadOnly }), (request.path + request.rawQuery).contains("git-receive-pack") {
      return HTTPServer.Response(status: 403)
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "http-backend"]
    var environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": directory,
      "GIT_CONFIG_NOSYSTEM": "1", "GIT_PROJECT_ROOT": directory, "GIT_HTTP_EXPORT_ALL": "1",
      "PATH_INFO": request.path, "QUERY_STRING": request.rawQuery, "REQUEST_METHOD": request.method,
      "REMOTE_USER": "stub", "CONTENT_TYPE": request.headers["content-type"] ?? "",
      "CONTENT_LENGTH": "\(request.body.count)",
    ]
    environment["HTTP_CONTENT_ENCODING"] = request.headers["content-encoding"]
    environment["GIT_PROTOCOL"] = request.headers["git-protocol"]
    process.environment = environment
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return HTTPServer.Response(status: 500) }
    let body = request.body
    Thread.detachNewThread {
      try? input.fileHandleForWriting.write(contentsOf: body)
      try? input.fileHandleForWriting.close()
    }
    let all = output.fileHandleForReading.everything()
    process.waitUntilExit()
    guard let split = all.range(of: Data("\r\n\r\n".utf8)) else { return HTTPServer.Response(status: 500) }
    var response = HTTPServer.Response(status: 200, body: Data(all[split.upperBound...]))
    for line in String(decoding: all[..<split.lowerBound], as: UTF8.self).components(separatedBy: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      if line[..<colon].lowercased() == "status" {
        response.status = Int(value.prefix(3)) ?? 200
      } else {
        response.headers[line[..<colon].lowercased()] = value
      }
    }
    return response
  }
}
