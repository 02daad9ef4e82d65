import OrchDomain

/// The kinds of keys. Each makes the check, the place of the value and its text from one key path.
extension KeySpec {
  typealias Place<Value> = any WritableKeyPath<Root, Value> & Sendable

  static func text(
    _ path: String, _ place: Place<String>, rule: TextRule = .notEmpty, takes: String = "string",
    use: Use = .used, _ summary: String
  ) -> KeySpec {
    KeySpec(path: path, takes: takes, summary: summary, use: use, isSecret: false) { node, root in
      guard case .text(let text) = node else { return .wrongType(rule.expected, node) }
      guard rule.holds(text) else { return .outOfRange(rule.expected, TOMLText.string(text)) }
      root[keyPath: place] = text
      return nil
    } show: {
      TOMLText.string($0[keyPath: place])
    }
  }

  /// Text that may be absent; `""` means absent.
  static func optionalText(
    _ path: String, _ place: Place<String?>, takes: String = "string", use: Use = .used, isSecret: Bool = false,
    _ summary: String
  ) -> KeySpec {
    KeySpec(path: path, takes: takes, summary: summary, use: use, isSecret: isSecret) { node, root in
      guard case .text(let text) = node else { return .wrongType("a string", node) }
      root[keyPath: place] = text.isEmpty ? nil : text
      return nil
    } show: {
      TOMLText.string($0[keyPath: place] ?? "")
    }
  }

  static func texts(
    _ path: String, _ place: Place<[String]>, rule: TextRule = .notEmpty, takes: String = "array of strings",
    use: Use = .used, _ summary: String
  ) -> KeySpec {
    KeySpec(path: path, takes: takes, summary: summary, use: use, isSecret: false) { node, root in
      guard case .list(let list) = node else { return .wrongType("an array of strings", node) }
      var texts: [String] = []
      for (number, element) in list.enumerated() {
        guard case .text(let text) = element else { return .wrongType(rule.expected, element, element: number) }
        guard rule.holds(text) else { return .outOfRange(rule.expected, TOMLText.string(text), element: number) }
        texts.append(text)
      }
      root[keyPath: place] = texts
      return nil
    } show: {
      TOMLText.strings($0[keyPath: place])
    }
  }

  static func flag(_ path: String, _ place: Place<Bool>, use: Use = .used, _ summary: String) -> KeySpec {
    KeySpec(path: path, takes: "true or false", summary: summary, use: use, isSecret: false) { node, root in
      guard case .flag(let flag) = node else { return .wrongType("true or false", node) }
      root[keyPath: place] = flag
      return nil
    } show: {
      $0[keyPath: place] ? "true" : "false"
    }
  }

  static func integer(
    _ path: String, _ place: Place<Int>, _ range: ClosedRange<Int>, use: Use = .used, _ summary: String
  ) -> KeySpec {
    let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
    let takes = "integer, \(range.lowerBound) to \(range.upperBound)"
    return KeySpec(path: path, takes: takes, summary: summary, use: use, isSecret: false) { node, root in
      guard case .integer(let value) = node else { return .wrongType(expected, node) }
      guard range.contains(value) else { return .outOfRange(expected, String(value)) }
      root[keyPath: place] = value
      return nil
    } show: {
      String($0[keyPath: place])
    }
  }

  /// A number that may be absent; 0 means absent.
  static func optionalInteger(
    _ path: String, _ place: Place<Int?>, upTo limit: Int, use: Use = .used, _ summary: String
  ) -> KeySpec {
    let expected = "an integer from 0 to \(limit)"
    return KeySpec(
      path: path, takes: "integer, 0 to \(limit)", summary: summary, use: use, isSecret: false
    ) { node, root in
      guard case .integer(let value) = node else { return .wrongType(expected, node) }
      guard (0...limit).contains(value) else { return .outOfRange(expected, String(value)) }
      root[keyPath: place] = value == 0 ? nil : value
      return nil
    } show: {
      String($0[keyPath: place] ?? 0)
    }
  }

  /// A duration such as `30m`.
  ///
  /// - Parameter seconds: Whether a bare integer counts as seconds, as the keys of the older tool allow.
  static func duration(
    _ path: String, _ place: Place<Duration>, _ range: ClosedRange<Duration>, seconds: Bool = false,
    use: Use = .used, _ summary: String
  ) -> KeySpec {
    let reader = DurationReader(range: range, allowsSeconds: seconds)
    return KeySpec(path: path, takes: reader.takes, summary: summary, use: use, isSecret: false) { node, root in
      switch reader.read(node) {
      case .success(let value):
        root[keyPath: place] = value
        return nil
      case .failure(let failure): return failure.mismatch
      }
    } show: {
      seconds ? String($0[keyPath: place].wholeMilliseconds / 1000) : TOMLText.duration($0[keyPath: place])
    }
  }

  /// A duration that may be absent; `"0s"` means absent.
  static func optionalDuration(
    _ path: String, _ place: Place<Duration?>, upTo limit: Duration, use: Use = .used, _ summary: String
  ) -> KeySpec {
    let reader = DurationReader(range: .zero...limit, allowsSeconds: false)
    return KeySpec(path: path, takes: reader.takes, summary: summary, use: use, isSecret: false) { node, root in
      switch reader.read(node) {
      case .success(let value):
        root[keyPath: place] = value == .zero ? nil : value
        return nil
      case .failure(let failure): return failure.mismatch
      }
    } show: {
      TOMLText.duration($0[keyPath: place] ?? .zero)
    }
  }

  /// One of the names of an enumeration.
  static func choice<Choice>(
    _ path: String, _ place: Place<Choice>, except: Choice? = nil, use: Use = .used, _ summary: String
  ) -> KeySpec where Choice: RawRepresentable & CaseIterable & Hashable & Sendable, Choice.RawValue == String {
    let names = Choice.allCases.filter { $0 != except }.map { TOMLText.string($0.rawValue) }
    let expected = names.joined(separator: " or ")
    return KeySpec(path: path, takes: expected, summary: summary, use: use, isSecret: false) { node, root in
      guard case .text(let text) = node else { return .wrongType(expected, node) }
      guard let choice = Choice(rawValue: text), choice != except else {
        return .outOfRange(expected, TOMLText.string(text))
      }
      root[keyPath: place] = choice
      return nil
    } show: {
      TOMLText.string($0[keyPath: place].rawValue)
    }
  }

  /// An amount in US dollars.
  static func money(_ path: String, _ place: Place<MicroUSD>, use: Use = .used, _ summary: String) -> KeySpec {
    KeySpec(path: path, takes: MoneyReader.takes, summary: summary, use: use, isSecret: false) { node, root in
      switch MoneyReader.read(node) {
      case .success(let amount):
        root[keyPath: place] = amount
        return nil
      case .failure(let failure): return failure.mismatch
      }
    } show: {
      MoneyReader.text($0[keyPath: place])
    }
  }

  /// An amount in US dollars that may be absent; 0 means absent.
  static func optionalMoney(_ path: String, _ place: Place<MicroUSD?>, use: Use = .used, _ summary: String) -> KeySpec {
    KeySpec(path: path, takes: MoneyReader.takes, summary: summary, use: use, isSecret: false) { node, root in
      switch MoneyReader.read(node) {
      case .success(let amount):
        root[keyPath: place] = amount == .zero ? nil : amount
        return nil
      case .failure(let failure): return failure.mismatch
      }
    } show: {
      MoneyReader.text($0[keyPath: place] ?? .zero)
    }
  }

  /// An amount of storage that may be absent; `"0"` means absent.
  static func optionalSize(
    _ path: String, _ place: Place<ByteCount?>, use: Use = .used, _ summary: String
  ) -> KeySpec {
    let expected = "a size such as \"20GB\", \"512MB\" or \"0\""
    return KeySpec(path: path, takes: "size", summary: summary, use: use, isSecret: false) { node, root in
      guard case .text(let text) = node else { return .wrongType(expected, node) }
      guard let size = ByteCount(text: text) else { return .outOfRange(expected, TOMLText.string(text)) }
      root[keyPath: place] = size.bytes == 0 ? nil : size
      return nil
    } show: {
      TOMLText.string(($0[keyPath: place] ?? ByteCount(0)).text)
    }
  }
}
