# The server in a small image: docker build -t vestibule .
# Everything that is compiled comes from this directory and from the registry of crates.

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The directories of the cache are the builder's, not the image's.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --locked --release -p vestibule-server --bin vestibule && cp target/release/vestibule /vestibule

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/vestibule --create-home vestibule
COPY --from=build /vestibule /usr/local/bin/vestibule
USER 10001:10001
WORKDIR /var/lib/vestibule
VOLUME /var/lib/vestibule
ENV VESTIBULE_LISTEN=0.0.0.0:8787 \
    VESTIBULE_DATABASE_URL=sqlite:/var/lib/vestibule/vestibule.db
EXPOSE 8787
# Whether this server can serve now, as a balancer asks it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["vestibule", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["vestibule"]
CMD ["serve"]
