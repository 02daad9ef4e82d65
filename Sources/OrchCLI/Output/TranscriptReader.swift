import OrchAgents
import OrchConfig
import OrchDomain
import OrchEngine
import OrchProcess
import OrchReview
import OrchStore

/// Reads the transcript of one attempt as far as it is written, and goes on from there when asked again.
struct TranscriptReader {
  /// The turn that is being read.
  private struct Reading {
    let number: Int
    let directory: String
    var tail: FileTail
    var parser: any AgentStreamParser
    /// The streams of a turn that goes on are not masked on the disk yet.
    var mask: SecretLineMask
  }

  let view: ProjectView
  let task: TaskID
  let attempt: Int
  let isRaw: Bool
  private let parser: any AgentStreamParser
  private let mask: SecretMask
  private let supervisor = Supervisor(shimPath: "")
  private var reading: Reading?
  /// The latest turn that was read to its end.
  private var finished = 0
  private var gateShown = 0
  private var hasBegun = false
  private(set) var isOver = false

  /// Lines of a raw stream are as long as they are; a process may print this much at most.
  private static let rawLineLimit = 1 << 30
  private static let errorTail = 16 << 10

  /// - Parameter parser: Reads the agent's stream; started anew for every turn.
  init(view: ProjectView, task: TaskID, attempt: Int, isRaw: Bool, parser: any AgentStreamParser) {
    self.view = view
    self.task = task
    self.attempt = attempt
    self.isRaw = isRaw
    self.parser = parser
    mask = SecretMask(environment: view.place.launch.environment)
  }

  /// What came since the last call, a bounded part at a time; empty when there is nothing new now.
  mutating func read() throws -> [TranscriptPart] {
    guard !isOver, let record = try view.look({ [task, attempt] tx in try tx.attempt(task, attempt) }) else {
      return []
    }
    if !hasBegun {
      hasBegun = true
      return [.attempt(record)]
    }
    // Looked at before the stream, so that nothing is missed of a turn that has ended by now.
    let turns = try view.look { [task, attempt] tx in try tx.turns(of: task, attempt: attempt) }
    if reading == nil, let next = turns.first(where: { $0.number > finished }) {
      let gate = try gateParts(isLast: false)
      reading = begin(next)
      return gate + [.turn(next, reason: try reason(of: next))]
    }
    guard let current = reading else { return try end(record) }
    let turn = turns.first { $0.number == current.number }
    let parts = try lines()
    if !parts.isEmpty { return parts }
    // A later turn may begin without this one ever being closed, as after a crash.
    guard turn?.endedAt != nil || turns.contains(where: { $0.number > current.number }) || record.endedAt != nil else {
      return []
    }
    return try close(turn)
  }

  private func begin(_ turn: Turn) -> Reading {
    let directory = turn.runDirectory ?? view.place.paths.turn(task, attempt: attempt, turn: turn.number)
    let path = RunFiles.stdout(in: directory)
    let tail = isRaw ? FileTail(path: path, lineLimit: Self.rawLineLimit) : FileTail(path: path)
    return Reading(number: turn.number, directory: directory, tail: tail, parser: parser, mask: SecretLineMask(mask))
  }

  private mutating func lines() throws -> [TranscriptPart] {
    guard let lines = try reading?.tail.readLines(limit: 500) else { return [] }
    return lines.flatMap { parts(of: $0, isWhole: true) }
  }

  private mutating func parts(of line: TailedLine, isWhole: Bool) -> [TranscriptPart] {
    let bytes = reading?.mask.masked(line.bytes) ?? []
    if isRaw { return [.raw(bytes + (isWhole ? [UInt8(ascii: "\n")] : []))] }
    return (reading?.parser.consume(bytes[...]) ?? []).map { .agent($0) }
  }

  /// The rest of a turn that has ended.
  private mutating func close(_ turn: Turn?) throws -> [TranscriptPart] {
    guard let current = reading else { return [] }
    var result: [TranscriptPart] = []
    if let rest = reading?.tail.readRest() { result += parts(of: rest, isWhole: false) }
    let errors = mask.masked(try OutputTail.read(RunFiles.stderr(in: current.directory), limit: Self.errorTail))
    if errors.contains(where: { !$0.isWhitespace }) { result.append(.standardError(errors)) }
    if let turn { result.append(.turnEnded(turn)) }
    finished = current.number
    reading = nil
    return result
  }

  private mutating func end(_ record: Attempt) throws -> [TranscriptPart] {
    let gate = try gateParts(isLast: true)
    guard gate.isEmpty, record.endedAt != nil else { return gate }
    isOver = true
    return [.attemptEnded(record)]
  }

  /// The gate behind the last turn that was read, once it has ended.
  private mutating func gateParts(isLast: Bool) throws -> [TranscriptPart] {
    guard finished > gateShown else { return [] }
    // Another command of it may still come.
    if isLast, try view.task(task).state == .verifying { return [] }
    let directory = "\(view.place.paths.run(task, attempt: attempt))/gate-\(finished)"
    guard let log = try GateLog.read(directory, supervisor) else { return [] }
    gateShown = finished
    return [.gate(log)]
  }

  /// Why a turn was begun, in the words of the log.
  private func reason(of turn: Turn) throws -> String? {
    guard turn.number > 1 else { return nil }
    var position: Int64 = 0
    while true {
      let events = try view.store.events(view.row, after: position, limit: 500, task: task)
      for event in events where event.type == .taskState && event.attempt == attempt {
        let data = JSONFields(event.data)
        if data.int("turn") == Int64(turn.number) { return data.string("reason") }
      }
      guard events.count == 500, let last = events.last?.seq else { return nil }
      position = last
    }
  }
}
