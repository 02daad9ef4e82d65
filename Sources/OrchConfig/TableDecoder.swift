import OrchDiagnostics

/// Fills settings from the tables of one file, collecting every mistake on the way.
struct TableDecoder {
  let file: String
  let places: KeyPlaces
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var origins: [String: Origin] = [:]

  init(file: String, places: KeyPlaces) {
    self.file = file
    self.places = places
  }

  /// Fills `root` from a table whose keys are all fixed.
  ///
  /// - Parameters:
  ///   - name: Dotted, for messages and origins.
  ///   - extra: Keys that the caller reads itself.
  /// - Returns: The keys that the table has.
  @discardableResult
  mutating func decode<Root>(
    _ node: TOMLNode, at path: [KeyStep], name: String, into root: inout Root, keys: [KeySpec<Root>],
    extra: [String] = []
  ) -> [String: TOMLNode] {
    guard case .table(let table) = node else {
      report(.error, .wrongType, at: path, value: true, "'\(name)' must be a table, not \(node.kind)")
      return [:]
    }
    var present: [String: TOMLNode] = [:]
    for (key, value) in table {
      present[key] = value
      if let spec = keys.first(where: { $0.path == key }) {
        apply(spec, value, at: path + [.key(key)], name: "\(name).\(key)", to: &root)
      } else if !extra.contains(key) {
        unknown(key, at: path + [.key(key)], in: name, candidates: keys.map(\.path) + extra)
      }
    }
    return present
  }

  /// Puts one value into `root`, or reports what is wrong with it.
  mutating func apply<Root>(
    _ spec: KeySpec<Root>, _ value: TOMLNode, at path: [KeyStep], name: String, to root: inout Root
  ) {
    if let mismatch = spec.write(value, &root) {
      let place = mismatch.element.map { path + [.index($0)] } ?? path
      let subject = mismatch.element.map { "element \($0 + 1) of '\(name)'" } ?? "'\(name)'"
      report(
        .error, mismatch.reason == .wrongType ? .wrongType : .outOfRange, at: place, value: true,
        "\(subject) must be \(mismatch.expected), not \(mismatch.found)")
      return
    }
    setOrigin(of: name, at: path)
    switch spec.use {
    case .used: break
    case .notYet: report(.note, .notSupportedYet, at: path, "'\(name)' is accepted, not used yet")
    case .olderName(let newer): report(.note, .olderName, at: path, "'\(name)' is the older name of '\(newer)'")
    }
  }

  mutating func setOrigin(of name: String, at path: [KeyStep]) {
    origins[name] = .file(places.location(places.range(of: path), in: file))
  }

  /// Lets `name` have the origin that `other` has.
  mutating func copyOrigin(of other: String, to name: String) {
    origins[name] = origins[other]
  }

  /// Warns of a key that nothing reads.
  ///
  /// - Parameter elsewhere: The full name of a key of another table that may be meant.
  mutating func unknown(
    _ key: String, at path: [KeyStep], in table: String, candidates: [String], elsewhere: String? = nil
  ) {
    let subject = table.isEmpty ? "unknown key '\(key)'" : "unknown key '\(key)' in '\(table)'"
    var fix: Diagnostic.Fix?
    if let nearest = NearestName.find(key, in: candidates.sorted()) {
      let place = places.location(places.range(of: path), in: file)
      fix = Diagnostic.Fix("write '\(nearest)'", replacing: place, with: nearest)
    } else if let elsewhere {
      fix = Diagnostic.Fix("did you mean '\(elsewhere)'?")
    }
    report(.warning, .unknownKey, at: path, subject + ": it has no effect", fix: fix)
  }

  /// Adds a diagnostic at a key, or at its value.
  mutating func report(
    _ severity: Diagnostic.Severity, _ code: ConfigCode, at path: [KeyStep], value: Bool = false, _ message: String,
    notes: [Diagnostic.Note] = [], fix: Diagnostic.Fix? = nil
  ) {
    let place = places.location(places.range(of: path, value: value), in: file)
    diagnostics.append(Diagnostic(severity, code.rawValue, at: place, message, notes: notes, fix: fix))
  }

  func location(ofValue path: [KeyStep]) -> SourceLocation {
    places.location(places.range(of: path, value: true), in: file)
  }

  /// The diagnostics in the order of the file.
  var sortedDiagnostics: [Diagnostic] {
    diagnostics.enumerated().sorted { ($0.element.location, $0.offset) < ($1.element.location, $1.offset) }
      .map(\.element)
  }
}
