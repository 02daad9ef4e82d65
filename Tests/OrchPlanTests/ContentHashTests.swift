import OrchDomain
import OrchPlan
import OrchRandom
import Testing

@Suite("Content hashes")
struct ContentHashTests {
  private func hash(_ text: String) -> UInt64 { unit(text).task?.contentHash ?? 0 }

  @Test("Writing a status, adding one, or adding frontmatter for it, is no change")
  func status() {
    let bare = "# T\n\ntext\n"
    let same = [
      bare, "---\n---\n" + bare, "---\nstatus: todo\n---\n" + bare, "---\nstatus: complete\n---\n" + bare,
      "---\nstatus:\n---\n" + bare, "---\nstatus: \"in progress\"  \n---\n" + bare, "\u{FEFF}" + bare,
    ]
    #expect(Set(same.map(hash)).count == 1)
    let keys = [
      "---\npriority: high\n---\n" + bare, "---\nstatus: done\npriority: high\n---\n" + bare,
      "---\npriority: high\nstatus: done\n---\n" + bare,
    ]
    #expect(Set(keys.map(hash)).count == 1)
    #expect(hash(keys[0]) != hash(bare))
    let comments = ["---\nstatus: todo # why\n---\n" + bare, "---\nstatus: done # why\n---\n" + bare]
    #expect(Set(comments.map(hash)).count == 1)
  }

  @Test("Any other changed byte is a change", arguments: 0..<100 as Range<UInt64>)
  func change(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let text = Array("---\nstatus: todo\nlabels: [abc]\n---\n# Title\n\nSome text with words.\n".utf8)
    let places = Array(27..<30) + Array(36..<text.count - 1)
    var changed = text
    let place = random.pick(places)
    changed[place] = changed[place] == 0x78 ? 0x79 : 0x78
    #expect(unit(bytes: changed).task?.contentHash != unit(bytes: text).task?.contentHash)
  }

  @Test("The hash is the same on every machine and in every release")
  func stable() { #expect(hash("---\nstatus: todo\npriority: high\n---\n# T\n\ntext\n") == 3_595_081_810_831_668_753) }
}
