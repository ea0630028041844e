// swift-tools-version: 6.2

import PackageDescription

/// What every target of ours is compiled with. A warning is an error here, and only here: dependencies keep theirs.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// protoc writes `package import` of modules that a file may not use; everything else stays strict.
let generatedCodeSettings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func product(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package)
}

let argumentParser = product("ArgumentParser", "swift-argument-parser")
let crypto = product("Crypto", "swift-crypto")
let grpcCore = product("GRPCCore", "grpc-swift-2")
let grpcProtobuf = product("GRPCProtobuf", "grpc-swift-protobuf")
let logging = product("Logging", "swift-log")
let metrics = product("Metrics", "swift-metrics")
let nioCore = product("NIOCore", "swift-nio")
let nioPosix = product("NIOPosix", "swift-nio")
let nioSSL = product("NIOSSL", "swift-nio-ssl")
let protobuf = product("SwiftProtobuf", "swift-protobuf")
let serviceLifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let hummingbird = product("Hummingbird", "hummingbird")

let package = Package(
  name: "temporis",
  products: [
    .library(name: "GRPCNghttp2Transport", targets: ["GRPCNghttp2Transport"]),
    .executable(name: "token-service", targets: ["token-service"]),
    .executable(name: "auth-verifier", targets: ["auth-verifier"]),
    .executable(name: "predict-service", targets: ["predict-service"]),
    .executable(name: "api-gateway", targets: ["api-gateway"]),
    .executable(name: "temporis", targets: ["temporis"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
    .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
  ],
  targets: [
    // C libraries, each imported by exactly one target.
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Libraries that know nothing of Temporis.
    .target(name: "HTTP2Session", dependencies: ["CNghttp2"], swiftSettings: settings),
    .target(
      name: "GRPCNghttp2Transport",
      dependencies: [
        "CZlib", "HTTP2Session", grpcCore, nioCore, nioPosix, nioSSL, product("NIOTLS", "swift-nio"), logging,
      ],
      exclude: ["README.md"],
      swiftSettings: settings),
    .target(name: "Postgres", dependencies: ["CLibPQ", logging], swiftSettings: settings),

    // The contracts.
    .target(
      name: "TemporisAPI", dependencies: [grpcCore, grpcProtobuf, protobuf], swiftSettings: generatedCodeSettings),

    // Pure domain code: no I/O, no RPC, no storage.
    .target(name: "TokenDomain", dependencies: [crypto], swiftSettings: settings),
    .target(name: "Forecasting", swiftSettings: settings),

    // The services.
    .target(
      name: "ServiceKit",
      dependencies: [
        "GRPCNghttp2Transport", "TemporisAPI", "TokenDomain", argumentParser, grpcCore, grpcProtobuf, hummingbird,
        logging,
        metrics, nioCore, nioPosix, protobuf, serviceLifecycle, product("Configuration", "swift-configuration"),
        product("UnixSignals", "swift-service-lifecycle"),
      ],
      swiftSettings: settings),
    .target(
      name: "TokenServer",
      dependencies: [
        "Postgres", "ServiceKit", "TemporisAPI", "TokenDomain", argumentParser, crypto, grpcCore, grpcProtobuf, logging,
        nioPosix, protobuf, serviceLifecycle, product("CryptoExtras", "swift-crypto"),
      ],
      swiftSettings: settings),
    .target(
      name: "VerifierServer",
      dependencies: [
        "GRPCNghttp2Transport", "ServiceKit", "TemporisAPI", "TokenDomain", argumentParser, grpcCore, grpcProtobuf,
        logging, protobuf,
        serviceLifecycle,
      ],
      swiftSettings: settings),
    .target(
      name: "PredictServer",
      dependencies: [
        "Forecasting", "Postgres", "ServiceKit", "TemporisAPI", "TokenDomain", argumentParser, crypto, grpcCore,
        grpcProtobuf, logging,
        nioPosix, protobuf, serviceLifecycle,
      ],
      swiftSettings: settings),
    .target(
      name: "Gateway",
      dependencies: [
        "GRPCNghttp2Transport", "ServiceKit", "TemporisAPI", "TokenDomain", argumentParser, crypto, grpcCore,
        grpcProtobuf, hummingbird,
        logging, metrics, nioCore, protobuf, serviceLifecycle, product("HummingbirdHTTP2", "hummingbird"),
        product("HummingbirdTLS", "hummingbird"), product("Mustache", "swift-mustache"),
        nioSSL,
      ],
      resources: [.embedInCode("Resources")],
      swiftSettings: settings),

    // What runs it on one machine.
    .target(
      name: "LocalStack",
      dependencies: [
        "GRPCNghttp2Transport", "Postgres", "ServiceKit", "TemporisAPI", crypto, grpcCore, grpcProtobuf, logging,
        nioCore,
        nioPosix, protobuf, serviceLifecycle, product("CryptoExtras", "swift-crypto"),
        product("Subprocess", "swift-subprocess"),
        product("SwiftASN1", "swift-asn1"), product("SystemPackage", "swift-system"),
        product("X509", "swift-certificates"),
      ],
      swiftSettings: settings),
    .target(
      name: "TemporisCLI",
      dependencies: [
        "GRPCNghttp2Transport", "LocalStack", "ServiceKit", "TemporisAPI", argumentParser, grpcCore, grpcProtobuf,
        logging,
        protobuf, serviceLifecycle,
      ],
      swiftSettings: settings),

    .executableTarget(name: "token-service", dependencies: ["TokenServer"], swiftSettings: settings),
    .executableTarget(name: "auth-verifier", dependencies: ["VerifierServer"], swiftSettings: settings),
    .executableTarget(name: "predict-service", dependencies: ["PredictServer"], swiftSettings: settings),
    .executableTarget(name: "api-gateway", dependencies: ["Gateway"], swiftSettings: settings),
    .executableTarget(name: "temporis", dependencies: ["TemporisCLI"], swiftSettings: settings),

    // Tests. What they share is a private PostgreSQL server and waiting for a condition.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    // The real executables, running, which `make test` builds first. No test target depends on them: the entry points of
    // several can't be linked into one bundle once they are optimised across modules.
    .target(
      name: "SystemSupport",
      dependencies: [product("Subprocess", "swift-subprocess"), product("SystemPackage", "swift-system")],
      path: "Tests/SystemSupport", swiftSettings: settings),
    // protobuf-c, which tells whether the services' messages are on the wire what they should be.
    .systemLibrary(
      name: "CProtobufC", path: "Tests/CProtobufC", pkgConfig: "libprotobuf-c",
      providers: [.apt(["libprotobuf-c-dev"])]),
    .target(
      name: "ProtobufCOracle", dependencies: ["CProtobufC"], path: "Tests/ProtobufCOracle",
      cSettings: [.headerSearchPath("."), .headerSearchPath("Generated")]),
    .testTarget(name: "HTTP2SessionTests", dependencies: ["HTTP2Session"], swiftSettings: settings),
    // A server of the transport in a process of its own, built by `make test` like the executables, with functions in
    // place of malloc and its like that count.
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .executableTarget(
      name: "measured-server", dependencies: ["CAllocations", "GRPCNghttp2Transport", grpcCore, logging],
      path: "Tests/measured-server", swiftSettings: settings),
    .testTarget(
      name: "GRPCNghttp2TransportTests",
      dependencies: [
        "GRPCNghttp2Transport", "HTTP2Session", "SystemSupport", crypto, grpcCore, logging, nioCore, nioPosix, nioSSL,
        product("NIOTLS", "swift-nio"), product("Subprocess", "swift-subprocess"),
        product("SwiftASN1", "swift-asn1"), product("SystemPackage", "swift-system"),
        product("X509", "swift-certificates"),
      ],
      swiftSettings: settings),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport", logging], swiftSettings: settings),
    .testTarget(name: "TokenDomainTests", dependencies: ["TokenDomain", crypto], swiftSettings: settings),
    .testTarget(name: "ForecastingTests", dependencies: ["Forecasting"], swiftSettings: settings),
    .testTarget(
      name: "ServiceKitTests",
      dependencies: [
        "GRPCNghttp2Transport", "ServiceKit", "TemporisAPI", "TestSupport", "TokenDomain", argumentParser, crypto,
        grpcCore, grpcProtobuf, logging, metrics, protobuf, product("GRPCInProcessTransport", "grpc-swift-2"),
        product("ServiceLifecycleTestKit", "swift-service-lifecycle"), product("SwiftASN1", "swift-asn1"),
        product("InMemoryLogging", "swift-log"), product("X509", "swift-certificates"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "TokenServerTests",
      dependencies: [
        "Postgres", "ServiceKit", "TemporisAPI", "TestSupport", "TokenDomain", "TokenServer", grpcCore, logging,
        protobuf,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "VerifierServerTests",
      dependencies: [
        "GRPCNghttp2Transport", "ServiceKit", "TemporisAPI", "TokenDomain", "VerifierServer", grpcCore, logging,
        protobuf,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "PredictServerTests",
      dependencies: [
        "Forecasting", "Postgres", "PredictServer", "ServiceKit", "TemporisAPI", "TestSupport", "TokenDomain", grpcCore,
        logging,
        protobuf,
        serviceLifecycle,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "GRPCNghttp2Transport", "Gateway", "ServiceKit", "SystemSupport", "TemporisAPI", "TokenDomain", crypto,
        grpcCore,
        grpcProtobuf, hummingbird, logging, nioCore, nioPosix, protobuf,
        product("GRPCInProcessTransport", "grpc-swift-2"), product("HummingbirdTesting", "hummingbird"),
        product("NIOEmbedded", "swift-nio"), product("NIOTLS", "swift-nio"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "LocalStackTests",
      dependencies: [
        "GRPCNghttp2Transport", "LocalStack", "Postgres", crypto, logging, product("SwiftASN1", "swift-asn1"),
        product("X509", "swift-certificates"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "TemporisCLITests", dependencies: ["LocalStack", "TemporisCLI", argumentParser], swiftSettings: settings),
    .testTarget(
      name: "ContractTests",
      dependencies: [
        "GRPCNghttp2Transport", "ProtobufCOracle", "SystemSupport", "TemporisAPI", grpcCore, logging, protobuf,
      ],
      exclude: ["GoldenBytes", "Protos", "Python"],
      swiftSettings: settings),
    .testTarget(
      name: "SystemTests",
      dependencies: [
        "SystemSupport", "TestSupport",
        product("Subprocess", "swift-subprocess"), product("SystemPackage", "swift-system"),
      ],
      exclude: ["Browser"],
      swiftSettings: settings),
  ]
)
