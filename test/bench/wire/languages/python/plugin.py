from toru_plugin import Plugin, Request, Response

CHUNK = b"." * 65536

plugin = Plugin(id="bench", name="Bench", version="1.0.0", icon="B")


@plugin.post("/echo")
async def echo(request: Request):
    return Response(await request.body(), content_type="application/json")


@plugin.post("/upload")
async def upload(request: Request):
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
    return {"bytes": total}


@plugin.get("/download")
async def download(request: Request):
    left = int(request.query["bytes"])
    while left > 0:
        yield CHUNK[:left]
        left -= len(CHUNK)


if __name__ == "__main__":
    plugin.run()
