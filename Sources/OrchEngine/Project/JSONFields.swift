#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
package import OrchDomain

/// The members of an event's data, which is a JSON object of the store's own making.
package struct JSONFields {
  private enum Field: Decodable {
    case string(String), int(Int64), bool(Bool), other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Bool.self) {  // because a field of another kind is as good as none
        self = .bool(value)
      } else if let value = try? container.decode(Int64.self) {  // because, see above
        self = .int(value)
      } else if let value = try? container.decode(String.self) {  // because, see above
        self = .string(value)
      } else {
        self = .other
      }
    }
  }

  private let fields: [String: Field]

  package init(_ json: String) {
    switch Result(catching: { try JSONDecoder().decode([String: Field].self, from: Data(json.utf8)) }) {
    case .success(let fields): self.fields = fields
    case .failure: fields = [:]
    }
  }

  package func string(_ key: String) -> String? { if case .string(let value)? = fields[key] { value } else { nil } }
  package func int(_ key: String) -> Int64? { if case .int(let value)? = fields[key] { value } else { nil } }
  package func bool(_ key: String) -> Bool? { if case .bool(let value)? = fields[key] { value } else { nil } }

  /// The members as values for output.
  package var members: [JSONValue.Member] {
    fields.sorted { $0.key < $1.key }.compactMap { key, field in
      switch field {
      case .string(let value): .init(key, .string(value))
      case .int(let value): .init(key, .int(value))
      case .bool(let value): .init(key, .bool(value))
      case .other: nil
      }
    }
  }
}

extension JSONFields {
  package func time(_ key: String) -> Timestamp? { int(key).map(Timestamp.init) }
}
