import Foundation
import OrchConfig
import OrchDomain
import Testing

@testable import OrchEngine

@Suite("What a look is asked")
struct LookTests {
  @Test("The schema of the answer has a member for each question, and no other")
  func schema() throws {
    for (criteria, start, names) in [
      ("c", "", ["criteria"]), ("", "t", ["risk"]), ("c", "t", ["criteria", "risk"]),
    ] {
      let text = LookSubject(tree: "x", criteria: criteria, start: start).schema
      let value = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(value["required"] as? [String] == names)
      #expect((value["properties"] as? [String: Any])?.keys.sorted() == names)
    }
    #expect(LookSubject(tree: "x").asksNothing)
  }

  @Test("Of two policies the one that asks for more looks counts")
  func stricter() {
    for (number, one) in LookMode.allCases.enumerated() {
      for (other, two) in LookMode.allCases.enumerated() {
        var (a, b) = (ReviewSettings(), ReviewSettings())
        (a.secondLook, b.secondLook) = (one, two)
        #expect(a.adding(b).secondLook == LookMode.allCases[max(number, other)])
      }
    }
    #expect(LookMode.allCases == [.off, .advice, .required])
  }
}
