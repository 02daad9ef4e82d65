import CLibYAML

extension YAMLDocument {
  /// Reads `bytes[range]` as one YAML document; all places count from the beginning of `bytes`.
  ///
  /// Mistakes that let the reading go on are in ``problems`` instead: repeated and complex keys, aliases, anchors,
  /// tags, a second document. The bytes must be UTF-8 without a byte order mark.
  package init(
    reading bytes: [UInt8], in range: Range<Int>? = nil, limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) {
    var document = YAMLDocument()
    if let failure = document.read(bytes, range, limits) { throw failure }
    self = document
  }

  /// As ``init(reading:in:limits:)``, but gives everything that is wrong, also what was found before the reading
  /// stopped.
  ///
  /// - Returns: No document when the reading stopped. The problems in the order of finding.
  package static func reading(
    _ bytes: [UInt8], in range: Range<Int>? = nil, limits: YAMLLimits = YAMLLimits()
  ) -> (document: YAMLDocument?, problems: [YAMLError]) {
    var document = YAMLDocument()
    guard let failure = document.read(bytes, range, limits) else { return (document, document.problems) }
    return (nil, document.problems + [failure])
  }

  /// As ``reading(_:in:limits:)``, but always with libyaml; for tests, as the measure of what ``PlainYAML`` reads.
  static func parsing(
    _ bytes: [UInt8], in range: Range<Int>?, limits: YAMLLimits
  ) -> (document: YAMLDocument?, problems: [YAMLError]) {
    var document = YAMLDocument()
    guard let failure = document.read(bytes, range, limits, mayBePlain: false) else {
      return (document, document.problems)
    }
    return (nil, document.problems + [failure])
  }

  private mutating func read(
    _ bytes: [UInt8], _ range: Range<Int>?, _ limits: YAMLLimits, mayBePlain: Bool = true
  ) -> YAMLError? {
    let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
    guard range.count <= limits.size else {
      return YAMLError(.tooLarge(size: range.count, limit: limits.size), at: range.lowerBound..<range.lowerBound)
    }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      let text = unsafe UnsafeBufferPointer(rebasing: buffer[range])
      if mayBePlain, let document = unsafe PlainYAML.read(text, base: range.lowerBound, limits) {
        self = document
        return nil
      }
      return unsafe YAMLReader.read(text, base: range.lowerBound, limits, into: &self)
    }
  }
}

/// Turns libyaml's events into nodes.
private struct YAMLReader {
  /// Offset of the text in the bytes that places count from.
  let base: Int
  let limits: YAMLLimits
  var open: [Int] = []
  var places: YAMLPlaces
  var documents = 0

  /// - Returns: What stopped the reading before the end; nil when everything was read.
  static func read(
    _ text: UnsafeBufferPointer<UInt8>, base: Int, _ limits: YAMLLimits, into document: inout YAMLDocument
  ) -> YAMLError? {
    // On the heap, because libyaml keeps the address of the parser in the parser.
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { unsafe parser.deallocate() }
    guard unsafe yaml_parser_initialize(parser) == 1 else { return YAMLError(.outOfMemory, at: base..<base) }
    defer { unsafe yaml_parser_delete(parser) }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)

    var reader = unsafe YAMLReader(base: base, limits: limits, places: YAMLPlaces(text))
    while true {
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(parser, &event) == 1 else {
        return unsafe reader.failure(parser.pointee, text)
      }
      defer { unsafe yaml_event_delete(&event) }
      if unsafe event.type == YAML_STREAM_END_EVENT { return nil }
      do throws(YAMLError) {
        guard unsafe try reader.add(event, text, to: &document) else { return nil }
      } catch {
        return error
      }
    }
  }

  /// - Returns: Whether to go on.
  private mutating func add(
    _ event: yaml_event_t, _ text: UnsafeBufferPointer<UInt8>, to document: inout YAMLDocument
  ) throws(YAMLError) -> Bool {
    let start = unsafe places.offset(of: event.start_mark.index, in: text)
    let end = unsafe places.offset(of: event.end_mark.index, in: text)
    let range = (base + start)..<(base + max(start, end))
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT:
      documents += 1
      if documents > 1 {
        document.problems.append(YAMLError(.severalDocuments, at: range))
        return false
      }
    case YAML_ALIAS_EVENT:
      document.problems.append(YAMLError(.alias, at: range))
      append(.alias, .plain, range, 0..<0, to: &document)
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      unsafe note(anchor: scalar.anchor, tag: scalar.tag, range, in: &document)
      let first = document.pool.count
      unsafe document.pool.append(contentsOf: UnsafeBufferPointer(start: scalar.value, count: scalar.length))
      unsafe append(.scalar, YAMLReader.style(scalar.style), range, first..<document.pool.count, to: &document)
    case YAML_SEQUENCE_START_EVENT:
      let data = unsafe event.data.sequence_start
      unsafe note(anchor: data.anchor, tag: data.tag, range, in: &document)
      unsafe try enter(.sequence, data.style == YAML_FLOW_SEQUENCE_STYLE ? .flow : .block, range, in: &document)
    case YAML_MAPPING_START_EVENT:
      let data = unsafe event.data.mapping_start
      unsafe note(anchor: data.anchor, tag: data.tag, range, in: &document)
      unsafe try enter(.mapping, data.style == YAML_FLOW_MAPPING_STYLE ? .flow : .block, range, in: &document)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      leave(range, in: &document)
    default:
      break
    }
    return true
  }

  private func append(
    _ kind: YAMLNode.Kind, _ style: YAMLNode.Style, _ range: Range<Int>, _ content: Range<Int>,
    to document: inout YAMLDocument
  ) {
    let index = document.nodes.count
    document.nodes.append(
      YAMLNode(
        kind: kind, style: style, start: range.lowerBound, end: range.upperBound, content: content, index: index,
        next: index + 1))
  }

  private mutating func enter(
    _ kind: YAMLNode.Kind, _ style: YAMLNode.Style, _ range: Range<Int>, in document: inout YAMLDocument
  ) throws(YAMLError) {
    guard open.count < limits.depth else { throw YAMLError(.tooDeep(limit: limits.depth), at: range) }
    open.append(document.nodes.count)
    append(kind, style, range, 0..<0, to: &document)
  }

  private mutating func leave(_ range: Range<Int>, in document: inout YAMLDocument) {
    guard let index = open.popLast() else { return }
    document.nodes[index].next = document.nodes.count
    let last = document.nodes.count - 1
    // A block collection ends for libyaml where the next token begins; for a person it ends with its last item.
    let isFlow = document.nodes[index].style == .flow
    document.nodes[index].end = isFlow || last == index ? range.upperBound : document.nodes[last].end
    if document.nodes[index].kind == .mapping { checkKeys(of: document.nodes[index], in: &document) }
  }

  private func checkKeys(of mapping: YAMLNode, in document: inout YAMLDocument) {
    let keys = document.entries(of: mapping).map(\.key)
    for key in keys where key.kind != .scalar && key.kind != .alias {
      document.problems.append(YAMLError(.complexKey, at: key.range))
    }
    let scalars = keys.filter { $0.kind == .scalar }
    // Few keys are the rule, and comparing them is quicker than sorting; many must not become quadratic.
    let pairs = scalars.count <= 24 ? comparedPairs(scalars, document) : sortedPairs(scalars, document)
    for (first, second) in pairs {
      let name = String(document.text(second).prefix(80))
      document.problems.append(YAMLError(.duplicateKey(name, first: first.range), at: second.range))
    }
  }

  private func comparedPairs(_ keys: [YAMLNode], _ document: YAMLDocument) -> [(YAMLNode, YAMLNode)] {
    var pairs: [(YAMLNode, YAMLNode)] = []
    for i in keys.indices {
      let text = document.bytes(keys[i])
      for j in 0..<i where keys[j].content.count == text.count && document.bytes(keys[j]).elementsEqual(text) {
        pairs.append((keys[j], keys[i]))
        break
      }
    }
    return pairs
  }

  private func sortedPairs(_ keys: [YAMLNode], _ document: YAMLDocument) -> [(YAMLNode, YAMLNode)] {
    let sorted = keys.sorted { a, b in
      let (left, right) = (document.bytes(a), document.bytes(b))
      if left.elementsEqual(right) { return a.start < b.start }
      return left.lexicographicallyPrecedes(right)
    }
    var pairs: [(YAMLNode, YAMLNode)] = []
    var first = 0
    for i in sorted.indices.dropFirst() {
      if document.bytes(sorted[first]).elementsEqual(document.bytes(sorted[i])) {
        pairs.append((sorted[first], sorted[i]))
      } else {
        first = i
      }
    }
    return pairs.sorted { $0.1.start < $1.1.start }
  }

  private func note(
    anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, _ range: Range<Int>,
    in document: inout YAMLDocument
  ) {
    if unsafe anchor != nil { document.problems.append(YAMLError(.anchor, at: range)) }
    if unsafe tag != nil { document.problems.append(YAMLError(.tag, at: range)) }
  }

  private mutating func failure(_ parser: yaml_parser_t, _ text: UnsafeBufferPointer<UInt8>) -> YAMLError {
    if unsafe parser.error == YAML_MEMORY_ERROR { return YAMLError(.outOfMemory, at: base..<base) }
    let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it can't be read"
    let context = unsafe parser.context.map { unsafe String(cString: $0) }
    let contextStart = unsafe context == nil ? nil : base + places.offset(of: parser.context_mark.index, in: text)
    // A reader error has no mark, but an offset in bytes.
    let offset =
      unsafe parser.error == YAML_READER_ERROR
      ? min(parser.problem_offset, text.count)
      : places.offset(of: parser.problem_mark.index, in: text)
    return YAMLError(
      .syntax(problem: problem, context: context, contextStart: contextStart), at: (base + offset)..<(base + offset))
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLNode.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }
}

/// Turns libyaml's marks, which count characters, into byte offsets.
private struct YAMLPlaces {
  private let isASCII: Bool
  private var character = 0
  private var byte = 0

  init(_ text: UnsafeBufferPointer<UInt8>) {
    isASCII = unsafe text.allSatisfy { $0 < 0x80 }
  }

  mutating func offset(of index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    if isASCII { return min(max(0, index), text.count) }
    // Marks nearly always ascend, so this is one walk over the text.
    if index < character { (character, byte) = (0, 0) }
    while character < index, byte < text.count {
      byte += 1
      while byte < text.count, unsafe text[byte] & 0xC0 == 0x80 { byte += 1 }
      character += 1
    }
    return byte
  }
}
