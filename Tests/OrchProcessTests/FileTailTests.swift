@testable import OrchProcess
import OrchRandom
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("File tails", .timeLimit(.minutes(15)))
struct FileTailTests {
  @Test(
    "However the writer cuts its writes, the lines come whole, once and in order", arguments: 0..<60 as Range<UInt64>)
  func splitLines(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let scratch = try Scratch()
    let file = "\(scratch.path)/log"
    let lines: [[UInt8]] = (0..<40).map { _ in
      (0..<Int.random(in: 0...50, using: &random)).map { _ in UInt8.random(in: 11...255, using: &random) }
    }
    let limit = Int.random(in: 1...60, using: &random)
    var rest = ArraySlice(lines.flatMap { line -> [UInt8] in line + [10] })
    var tail = FileTail(path: file, lineLimit: limit)
    var seen: [TailedLine] = []
    while !rest.isEmpty {
      let part = rest.prefix(Int.random(in: 1...80, using: &random))
      try append(Array(part), to: file)
      rest = rest.dropFirst(part.count)
      seen += try tail.readLines(limit: Int.random(in: 1...5, using: &random))
      // Somebody else who goes on from the last whole line sees the same.
      if Int.random(in: 0..<4, using: &random) == 0 {
        tail = FileTail(path: file, offset: seen.last?.endOffset ?? 0, lineLimit: limit)
      }
    }
    while case let more = try tail.readLines(limit: 3), !more.isEmpty { seen += more }
    #expect(seen.map(\.bytes) == lines.map { Array($0.prefix(limit)) })
    #expect(seen.map(\.isCut) == lines.map { $0.count > limit })
    #expect(tail.readRest() == nil)
  }

  @Test("A line of three megabytes comes whole")
  func longLine() throws {
    let scratch = try Scratch()
    let line = [UInt8](repeating: 120, count: 3 << 20)
    let file = try scratch.file("log", line + [10] + Array("next\n".utf8))
    var tail = FileTail(path: file)
    let lines = try tail.readLines()
    #expect(lines.map(\.bytes) == [line, Array("next".utf8)])
    #expect(lines.allSatisfy { !$0.isCut })
  }

  @Test("A line of a hundred megabytes is cut at the bound, and the next one is whole")
  func endlessLine() throws {
    let scratch = try Scratch()
    let file = try scratch.file("log", [])
    #expect(truncate(file, 100 << 20) == 0)
    try append(Array("\nnext\n".utf8), to: file)
    var tail = FileTail(path: file, lineLimit: 1 << 20)
    let lines = try tail.readLines()
    #expect(lines.map(\.bytes.count) == [1 << 20, 4])
    #expect(lines.map(\.isCut) == [true, false])
    #expect(try #require(lines.last).endOffset == 104_857_606)
  }

  @Test("A file that does not exist yet has no lines; one that was emptied is read from its beginning")
  func missingAndEmptied() throws {
    let scratch = try Scratch()
    let file = "\(scratch.path)/log"
    var tail = FileTail(path: file)
    #expect(try tail.readLines() == [])
    try append(Array("one\ntwo\nthr".utf8), to: file)
    #expect(try tail.readLines().map(\.text) == ["one", "two"])
    #expect(truncate(file, 0) == 0)
    try append(Array("new\n".utf8), to: file)
    #expect(try tail.readLines().map(\.text) == ["new"])
    #expect(tail.restarts == 1)
  }

  @Test("Following a run ends with the run, and nothing of its last words is missed")
  func follow() async throws {
    let test = try TestRun()
    _ = try await test.start("for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; printf 'no line feed'")
    var seen: [String] = []
    let supervisor = test.supervisor
    let directory = test.directory
    let lines = FollowedLines(
      FileTail(path: RunFiles.stdout(in: directory)), clock: ContinuousClock(), interval: .milliseconds(1)
    ) {
      if case .ended = supervisor.state(in: directory) { true } else { false }
    }
    for try await line in lines { seen.append(line.text) }
    #expect(seen == (1...9).map { "line \($0)" } + ["no line feed"])
  }

  @Test("What was written before the end was told is delivered, though it came after the last look")
  func lastWords() async throws {
    let scratch = try Scratch()
    let file = try scratch.file("log", Array("first\n".utf8))
    let looks = Mutex(0)
    // The writer writes its last line and ends between two looks.
    let lines = FollowedLines(FileTail(path: file), clock: ContinuousClock(), interval: .milliseconds(1)) {
      looks.withLock { $0 += 1 }
      guard looks.withLock({ $0 }) == 3 else { return looks.withLock { $0 } > 3 }
      return (try? append(Array("last\n".utf8), to: file)) != nil
    }
    var seen: [String] = []
    for try await line in lines { seen.append(line.text) }
    #expect(seen == ["first", "last"])
  }
}
