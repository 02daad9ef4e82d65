import OrchDomain
import OrchWeb
import Testing

@testable import OrchGitHub

@Suite struct ClientTests {
  @Test("Every kind of refusal is the right error, and nothing that changes is asked for twice")
  func errors() async throws {
    let cases: [(HTTPAnswer, GitHubError)] = [
      (HTTPAnswer(401, #"{"message":"Bad credentials"}"#), .unauthorized("Bad credentials")),
      (HTTPAnswer(403, #"{"message":"Resource not accessible"}"#), .forbidden("Resource not accessible")),
      (HTTPAnswer(404), .notFound("POST /x")),
      (
        HTTPAnswer(409, #"{"message":"Head branch was modified."}"#), .refused(status: 409, "Head branch was modified.")
      ),
      (
        HTTPAnswer(422, #"{"message":"Validation Failed","errors":[{"message":"already exists"}]}"#),
        .refused(status: 422, "Validation Failed: already exists")
      ), (HTTPAnswer(502, "\u{1B}[31mno"), .server(status: 502, "\\u{1b}[31mno")),
    ]
    for (answer, error) in cases {
      let world = ManualWorld { _, _ in answer }
      let client = try world.client()
      await #expect(throws: error) { try await client.send("POST", "/x", .object([])) }
      #expect(world.calls.count == 1, "\(error)")
    }
  }

  @Test("A lost answer to a change is passed on at once; one to a question is asked for again")
  func lostAnswers() async throws {
    let world = ManualWorld { _, number throws(HTTPFailure) in
      if number < 3 { throw .unreachable("reset") }
      return HTTPAnswer(200)
    }
    await #expect(throws: GitHubError.unreachable("reset")) { try await world.client().send("POST", "/x") }
    #expect(world.calls.count == 1)
    #expect(try await world.client().get("/x").status == 200)
    #expect(world.calls.count == 3)
  }

  @Test("retry-after is waited for, also by what changes something, because nothing was done")
  func retryAfter() async throws {
    let world = ManualWorld { _, number in
      number == 1 ? HTTPAnswer(403, #"{"message":"secondary rate limit"}"#, ["retry-after": "7"]) : HTTPAnswer(201)
    }
    #expect(try await world.client().send("POST", "/x").status == 201)
    #expect(world.slept == .seconds(7))
  }

  @Test("An exhausted hour is waited for by nobody within a request: the error names its end")
  func primaryLimit() async throws {
    let world = ManualWorld { _, _ in
      HTTPAnswer(
        403, #"{"message":"API rate limit exceeded"}"#,
        ["x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800001000"])
    }
    let client = try world.client()
    let until = Timestamp(milliseconds: 1_800_001_000_000)
    await #expect(throws: GitHubError.limited(until: until, "API rate limit exceeded")) { try await client.get("/x") }
    await #expect(throws: GitHubError.self) { try await client.get("/x") }
    #expect(world.calls.count == 1, "nobody asks while it is known that there is no answer")
  }

  @Test("Looking around leaves a fifth of the hour to publishing and landing")
  func reserve() async throws {
    let world = ManualWorld { _, _ in
      HTTPAnswer(
        200, "[]", ["x-ratelimit-limit": "5000", "x-ratelimit-remaining": "1000", "x-ratelimit-reset": "1800003000"])
    }
    let client = try world.client()
    _ = try await client.get("/x", for: .look)
    await #expect(throws: GitHubError.self) { try await client.get("/x", for: .look) }
    #expect(try await client.send("POST", "/x").status == 200)
    #expect(world.calls.count == 2)
  }

  @Test("The end of a limit is told by GitHub's clock, however wrong ours is", arguments: [-90_000, -60, 0, 7200])
  func otherClock(ahead: Int) async throws {
    let world = ManualWorld { _, _ in
      HTTPAnswer(
        200, "[]",
        [
          "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "1000", "x-ratelimit-reset": "1800001000",
          "date": "Fri, 15 Jan 2027 08:00:00 GMT",
        ])
    }
    world.advance(by: .seconds(ahead))
    let client = try world.client()
    _ = try await client.get("/x", for: .look)
    let until = Timestamp(milliseconds: 1_800_001_000_000).advanced(by: .seconds(ahead))
    let reason = "the rest of this hour's requests is kept for publishing"
    await #expect(throws: GitHubError.limited(until: until, reason)) { try await client.get("/x", for: .look) }
  }

  @Test("Commit statuses are read to the last page")
  func pagesOfStatuses() async throws {
    let world = ManualWorld { call, _ in
      if call.url.contains("/check-runs") { return HTTPAnswer(200, #"{"check_runs":[]}"#) }
      let isLast = call.url.contains("page=2")
      let item =
        #"{"statuses":[{"context":"\#(isLast ? "late" : "early")","state":"\#(isLast ? "failure" : "success")"}]}"#
      let next = "<https://api.github.com/repos/acme/app/commits/a/status?per_page=100&page=2>; rel=\"next\""
      return HTTPAnswer(200, item, isLast ? [:] : ["link": next])
    }
    let checks = try await world.client().checks(of: "a")
    #expect(checks.map(\.name) == ["early", "late"])
    #expect(checks.map(\.result) == [.passed, .failed])
  }

  @Test("What has not changed is not sent again, and counts as such")
  func conditional() async throws {
    let world = ManualWorld { call, _ in
      call.headers["if-none-match"] == "\"a\"" ? HTTPAnswer(304, "") : HTTPAnswer(200, "[1]", ["etag": "\"a\""])
    }
    let client = try world.client()
    #expect(try await client.get("/x").text == "[1]")
    #expect(try await client.get("/x").text == "[1]")
    let counts = await client.takeCounts()
    #expect(counts.requests == 2)
    #expect(counts.unchanged == 1)
  }

  @Test("The login goes to no other server, whatever an answer names")
  func foreignAddress() async throws {
    let world = ManualWorld { _, _ in HTTPAnswer(200) }
    await #expect(throws: GitHubError.self) { try await world.client().get("https://evil.example/x") }
    await #expect(throws: GitHubError.self) { try await world.client().get("https://api.github.com.evil.example/x") }
    #expect(world.calls == [])
  }
}

@Suite struct AddressTests {
  @Test(
    "An address that would show the token to others is refused",
    arguments: [
      "http://api.github.com", "ftp://x", "api.github.com", "http://127.0.0.1.evil.example", "https://a@b",
      "http://localhost@evil.example", "https://github.com", "https://www.github.com/",
    ])
  func refuses(_ api: String) {
    #expect(throws: GitHubError.self) { try GitHubAddress(api: api, repository: "a/b") }
  }

  @Test("A name that is a path of something else is refused", arguments: ["a", "a/b/c", "a/..", "a/b?x", "/b", "a/"])
  func refusesName(_ name: String) {
    #expect(throws: GitHubError.self) { try GitHubAddress(api: "https://api.github.com", repository: name) }
  }

  @Test func knowsWhereGitIs() throws {
    let cases = [
      ("https://api.github.com/", "https://github.com/a/b.git"),
      ("https://API.GitHub.com", "https://github.com/a/b.git"),
      ("https://api.octo.ghe.com", "https://octo.ghe.com/a/b.git"),
      ("https://ghe.example.com/api/v3", "https://ghe.example.com/a/b.git"),
      ("https://GHE.example.com:8443/Git/api/v3/", "https://ghe.example.com:8443/Git/a/b.git"),
      ("http://127.0.0.1:80", "http://127.0.0.1:80/a/b.git"),
    ]
    for (api, git) in cases { #expect(try GitHubAddress(api: api, repository: "a/b").git == git) }
  }
}

@Suite struct TokenTests {
  private func token(
    _ environment: [String: String], api: String = "https://api.github.com", configured: String? = nil,
    gh: String? = nil
  ) async throws -> String? {
    let source = TokenSource(environment: environment, configured: configured, gh: { _ in gh })
    return await source.fixed(for: try GitHubAddress(api: api, repository: "a/b"))
  }

  @Test func theFirstOneCounts() async throws {
    let both = ["GH_TOKEN": "one", "GITHUB_TOKEN": "two"]
    #expect(try await token(both, configured: "three", gh: "four") == "one")
    #expect(try await token(["GH_TOKEN": " ", "GITHUB_TOKEN": "two\n"], configured: "three") == "two")
    #expect(try await token([:], configured: "three", gh: "four") == "three")
    #expect(try await token([:], gh: "four\n") == "four")
    #expect(try await token(["GH_TOKEN": "a\r\nx: y"]) == nil, "a header of its own")
  }

  @Test("The token for github.com goes to no other server")
  func enterprise() async throws {
    let all = ["GH_TOKEN": "public", "GITHUB_TOKEN": "public", "GH_ENTERPRISE_TOKEN": "own"]
    #expect(try await token(all, api: "https://ghe.example.com/api/v3") == "own")
    #expect(try await token(["GH_TOKEN": "public"], api: "https://ghe.example.com/api/v3") == nil)
  }
}
