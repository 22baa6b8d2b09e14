# syntax=docker/dockerfile:1
# docker build -t hereabouts . && docker run -p 8080:8080 -v hereabouts:/data hereabouts
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/hereabouts ./cmd/hereabouts \
 && install -d -m 0700 /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/hereabouts /usr/local/bin/hereabouts
COPY --from=build --chown=65532:65532 /out/data /data
ENV HEREABOUTS_DATA=/data HEREABOUTS_LISTEN=0.0.0.0:8080
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/local/bin/hereabouts", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/hereabouts"]
CMD ["serve"]
