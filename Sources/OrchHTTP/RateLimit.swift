import OrchDomain
import Synchronization

/// How often each peer may ask: a bucket that fills at a steady rate.
package final class RateLimit: Sendable {
  private struct Bucket {
    var tokens: Double
    var at: Duration
  }

  private let perSecond: Double
  private let burst: Double
  private let buckets = Mutex<[String: Bucket]>([:])
  private static let most = 10_000

  package init(perSecond: Double, burst: Double) {
    self.perSecond = perSecond
    self.burst = burst
  }

  /// - Returns: Seconds to wait; nil when it may go on.
  package func take(_ key: String, now: Duration) -> Int? {
    buckets.withLock { buckets in
      // Whoever comes from many addresses gets no memory for it.
      if buckets.count >= Self.most { buckets.removeAll() }
      var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
      bucket.tokens = min(burst, bucket.tokens + max(0, (now - bucket.at).inSeconds) * perSecond)
      bucket.at = now
      defer { buckets[key] = bucket }
      guard bucket.tokens >= 1 else { return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up))) }
      bucket.tokens -= 1
      return nil
    }
  }
}
