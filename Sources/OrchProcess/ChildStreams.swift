import CPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Our ends of a child's three streams.
struct ChildStreams: ~Copyable {
  /// What was collected of one stream.
  struct Collected {
    var bytes: [UInt8] = []
    var isTruncated = false
    var limit: Int

    mutating func take(_ chunk: [UInt8]) {
      let room = max(0, limit - bytes.count)
      bytes += chunk.prefix(room)
      if chunk.count > room { isTruncated = true }
    }
  }

  private static let chunk = 64 << 10
  /// More than any pipe holds, so what an ended child wrote is read in one go, however slow the machine.
  private static let chunksPerTurn = 64

  private var inputEnd = Descriptor(-1)
  private var outputEnd = Descriptor(-1)
  private var errorEnd = Descriptor(-1)
  /// The child's ends, held until it has them.
  private var childInput = Descriptor(-1)
  private var childOutput = Descriptor(-1)
  private var childError = Descriptor(-1)
  private(set) var output: Collected
  private(set) var error: Collected
  private var pending: ArraySlice<UInt8>
  private var keepsInputOpen: Bool

  /// - Parameter keepsInputOpen: The input goes on after `command.input`, until ``closeInput()``.
  init(_ command: Command, keepsInputOpen: Bool = false) throws(ProcessError) {
    output = Collected(limit: max(0, command.outputLimit))
    error = Collected(limit: max(0, command.outputLimit))
    pending = (command.input ?? [])[...]
    self.keepsInputOpen = keepsInputOpen
    try Self.connect(&outputEnd, &childOutput)
    try Self.connect(&errorEnd, &childError)
    try outputEnd.setNonblocking()
    try errorEnd.setNonblocking()
    if command.input == nil && !keepsInputOpen {
      childInput = try Descriptor.open("/dev/null", O_RDONLY)
    } else {
      try Self.connect(&childInput, &inputEnd)
      try inputEnd.setNonblocking()
    }
  }

  private static func connect(_ reader: inout Descriptor, _ writer: inout Descriptor) throws(ProcessError) {
    var pair = try Descriptor.pipe()
    reader = Descriptor(pair.first.release())
    writer = Descriptor(pair.second.release())
  }

  /// Starts the command on these streams.
  mutating func start(_ command: Command) throws(ProcessError) -> ChildProcess {
    let path = try ExecutableLookup.find(
      command.executable, path: command.environment["PATH"], directory: command.directory)
    let child = try ChildProcess(
      path: path, words: [command.executable] + command.arguments, environment: command.environment,
      directory: command.directory,
      streams: ChildProcess.Streams(input: childInput.raw, output: childOutput.raw, error: childError.raw))
    childInput.close()
    childOutput.close()
    childError.close()
    return child
  }

  /// What has to happen for ``exchange()`` to get further.
  var interests: [EventLoop.Interest] {
    var result: [EventLoop.Interest] = []
    if outputEnd.isOpen { result.append(EventLoop.Interest(descriptor: outputEnd.raw)) }
    if errorEnd.isOpen { result.append(EventLoop.Interest(descriptor: errorEnd.raw)) }
    if inputEnd.isOpen && !pending.isEmpty {
      result.append(EventLoop.Interest(descriptor: inputEnd.raw, writes: true))
    }
    return result
  }

  /// Whether the child, or somebody who inherited from it, can still write.
  var areOpen: Bool { outputEnd.isOpen || errorEnd.isOpen }

  var isOutputOpen: Bool { outputEnd.isOpen }
  var isInputOpen: Bool { inputEnd.isOpen }
  var hasPendingInput: Bool { !pending.isEmpty }

  /// Reads and writes as much as is possible without waiting.
  mutating func exchange() {
    feed()
    Self.collect(&outputEnd, &output)
    Self.collect(&errorEnd, &error)
  }

  mutating func closeInput() {
    pending = []
    inputEnd.close()
  }

  /// Treats the streams as ended, whoever still holds them open.
  mutating func closeOutput() {
    outputEnd.close()
    errorEnd.close()
  }

  /// Queues bytes for the child.
  mutating func enqueue(_ bytes: [UInt8]) { pending = pending.isEmpty ? bytes[...] : pending + bytes }

  /// Takes the first `count` collected bytes away.
  mutating func consumeOutput(_ count: Int) { output.bytes.removeFirst(min(count, output.bytes.count)) }

  private mutating func feed() {
    while inputEnd.isOpen && !pending.isEmpty {
      switch inputEnd.write(pending.prefix(Self.chunk)) {
      case .bytes(let count): pending = pending.dropFirst(count)
      case .wouldBlock: return
      // A program that stops reading its input is within its rights; its exit status tells the rest.
      case .end, .failed: return closeInput()
      }
    }
    if inputEnd.isOpen && !keepsInputOpen { closeInput() }
  }

  private static func collect(_ end: inout Descriptor, _ collected: inout Collected) {
    for _ in 0..<chunksPerTurn {
      guard end.isOpen else { return }
      var bytes: [UInt8] = []
      switch end.read(into: &bytes, limit: chunk) {
      case .bytes: collected.take(bytes)
      case .wouldBlock: return
      case .end, .failed: end.close()
      }
    }
  }
}
