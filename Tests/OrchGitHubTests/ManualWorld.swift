import OrchDomain
import OrchWeb
import Synchronization

@testable import OrchGitHub

/// A clock that only moves when something sleeps, and a server that answers from a script.
final class ManualWorld: Sendable {
  private struct State {
    var now = Timestamp(milliseconds: 1_800_000_000_000)
    var calls: [HTTPCall] = []
    var slept: Duration = .zero
  }

  private let state = Mutex(State())
  private let answer: @Sendable (HTTPCall, Int) throws(HTTPFailure) -> HTTPAnswer

  /// - Parameter answer: Gets the call and its number, from 1.
  init(_ answer: @escaping @Sendable (HTTPCall, Int) throws(HTTPFailure) -> HTTPAnswer) { self.answer = answer }

  var now: Timestamp { state.withLock { $0.now } }
  var calls: [HTTPCall] { state.withLock { $0.calls } }
  var slept: Duration { state.withLock { $0.slept } }
  func advance(by duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

  func client(
    budget: RequestBudget? = nil, tokens: TokenSource = TokenSource(environment: ["GH_TOKEN": "t0ken"]),
    ownCheck: String? = nil
  ) throws -> GitHubClient {
    GitHubClient(
      address: try GitHubAddress(api: "https://api.github.com", repository: "acme/app"), tokens: tokens,
      transport: HTTPTransport { call throws(HTTPFailure) in
        let number = self.state.withLock { state in
          state.calls.append(call)
          return state.calls.count
        }
        return try self.answer(call, number)
      },
      budget: budget, ownCheck: ownCheck, now: { self.now },
      sleep: { duration in
        self.state.withLock { state in
          state.now = state.now.advanced(by: duration)
          state.slept += duration
        }
      })
  }
}

extension HTTPAnswer {
  init(_ status: Int, _ body: String = "{}", _ headers: [String: String] = [:]) {
    self.init(status: status, headers: headers, body: Array(body.utf8))
  }
}
