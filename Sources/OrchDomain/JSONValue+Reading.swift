// What an adapter asks of a value. Another kind of value is as good as none: formats of other programs change.
extension JSONValue {
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  package var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value.isFinite ? value : nil
    default: nil
    }
  }

  /// A whole number within ±10^15, so that sums of many cannot overflow.
  package var int: Int? {
    guard let value = double, value.magnitude <= 1e15 else { return nil }
    return Int(value)
  }
}
