"""What Lambda calls: the API, to which Mangum translates the events of API Gateway."""

from api.main import create_app
from mangum import Mangum

handler = Mangum(create_app(), lifespan="off")
