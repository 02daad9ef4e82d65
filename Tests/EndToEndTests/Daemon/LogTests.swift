import Foundation
import Testing

/// The transcript of an attempt over the interface, in parts and as it grows.
@Suite("Logs over the interface", .serialized, .timeLimit(.minutes(10)))
struct LogTests {
  /// JSON with its members in order.
  private static func sorted(_ value: Any) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value, options: .sortedKeys), as: UTF8.self)
  }

  private static func parts(_ answer: WebClient.Answer) throws -> [String] {
    let page = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
    return try (try #require(page?["parts"] as? [Any])).map(sorted)
  }

  @Test("A range of a log is what it says, and a follower gets every part as it comes, up to the end")
  func rangedAndFollowed() async throws {
    let plan = Plan(
      "a/E01",
      script: """
        for number in 1 2 3 4 5 6; do echo "line $number of the agent"; done
        touch "$HOME/here"
        until [ -e "$HOME/go" ]; do sleep 0.05; done
        echo "the last line"
        \(Plan.work("a/E01"))
        """)
    let shop = try Workshop([plan, Plan("b/E01")])
    let house = try await DaemonHouse.open(shop)
    let logs = "\(try house.project())/tasks/a/E01/logs"
    #expect(try house.web.get(logs).status == 422, "there is no attempt yet")
    #expect(try house.web.get("\(try house.project())/tasks/a/E09/logs").status == 404)
    try await shop.expect(0, "start", "a/E01", "--detach")
    try await Eventually.holds("six lines are there") {
      try house.web.get(logs).body.contains("line 6 of the agent")
    }
    let socket = try Socket(house.web.port)
    try socket.send(
      "GET \(logs)/follow HTTP/1.1\r\nHost: 127.0.0.1:\(house.web.port)\r\nConnection: close\r\n"
        + "Authorization: Bearer \(house.web.token)\r\n\r\n")
    var followed = ""
    while !followed.contains("line 6 of the agent"), let part = socket.receive() {
      followed += String(decoding: part, as: UTF8.self)
    }
    #expect(followed.hasPrefix("HTTP/1.1 200") && followed.contains("application/x-ndjson"))
    #expect(!followed.contains("the last line"))

    let answer = try house.web.get("\(logs)?limit=10000")
    let (whole, parts) = (try answer.json, try Self.parts(answer))
    #expect(whole["over"].bool == false && whole["next"].int == parts.count && parts.count >= 3, "\(whole)")
    var position = 0
    var paged: [String] = []
    while true {
      let answer = try house.web.get("\(logs)?after=\(position)&limit=2&attempt=1")
      let (page, some) = (try answer.json, try Self.parts(answer))
      #expect(some.count <= 2 && page["next"].int == position + some.count)
      if some.isEmpty { break }
      paged += some
      position += some.count
    }
    #expect(paged == parts)
    #expect(try house.web.get("\(logs)?after=\(parts.count)").json["next"].int == parts.count)
    for wrong in ["after=-1", "limit=0", "limit=10001", "attempt=0", "attempt=2", "after=x"] {
      #expect([400, 422].contains(try house.web.get("\(logs)?\(wrong)").status), "\(wrong)")
    }

    try shop.write("\(shop.scratch.path)/user/go", "")
    while let part = socket.receive() { followed += String(decoding: part, as: UTF8.self) }
    try await Eventually.holds("it has landed") { try await shop.states()["a/E01"] == "complete" }
    let end = try house.web.get("\(logs)?limit=10000")
    #expect(try end.json["over"].bool == true)
    // The sizes of chunks stand on lines of their own.
    let lines = followed.replacing("\r\n", with: "\n").components(separatedBy: "\n").filter { $0.hasPrefix("{") }
    let told = try lines.map { try Self.sorted(try JSONSerialization.jsonObject(with: Data($0.utf8))) }
    #expect(told == (try Self.parts(end)))
    #expect(followed.contains("the last line") && followed.hasSuffix("0\r\n\r\n"))
  }
}
