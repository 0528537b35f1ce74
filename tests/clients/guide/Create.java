import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** The guide's request. Its client calls a text what it is; Java's own says nothing, so it is said here. */
public class Create {
    public static void main(String[] words) throws Exception {
        var environment = System.getenv();
        var request = HttpRequest.newBuilder(URI.create(environment.get("URL")))
            .version(HttpClient.Version.HTTP_1_1)
            .header("authorization", "Bearer " + environment.get("TOKEN"))
            .header("content-type", "text/plain; charset=UTF-8")
            .POST(HttpRequest.BodyPublishers.ofString(environment.get("PAYLOAD")))
            .build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        System.out.println(answer.body() + "\n" + answer.statusCode());
    }
}
