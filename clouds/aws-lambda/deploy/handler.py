"""What Lambda calls: the API, to which Mangum translates the events of API Gateway."""

from mangum import Mangum

from api.main import create_app

handler = Mangum(create_app(), lifespan="off")
