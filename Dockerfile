# The server with its embedded model, as a user without rights on a read-only root.
#   docker build -t cluster .                       processors
#   docker build -t cluster:cuda --build-arg GPU=1 --build-arg BASE=cuda .
ARG BASE=cpu
ARG DOTNET=10.0

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET} AS build
ARG GPU=0
WORKDIR /source
# Set-up needs node only where the package sources lack ONNX Runtime.
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
COPY . .
RUN GPU=${GPU} .build/setup.sh && \
    dotnet publish src/Cluster.Host -c Release -o /app --no-self-contained -p:Gpu=$([ "${GPU}" = 1 ] && echo true || echo false) && \
    cp -r cluster-config /app/cluster-config

FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET}-noble-chiseled-extra AS cpu

FROM nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04 AS cuda
COPY --from=mcr.microsoft.com/dotnet/aspnet:10.0-noble /usr/share/dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet && apt-get update && apt-get install -y --no-install-recommends libicu74 && rm -rf /var/lib/apt/lists/*

FROM ${BASE}
WORKDIR /app
COPY --from=build /app .
USER 1654:1654
EXPOSE 8080 8443 9090 11111 30000
ENTRYPOINT ["dotnet", "/app/Cluster.Host.dll"]
